"""Tokens as text: as JSON, as rows of a table, and in words. It never has a secret: only the last four characters of one are known."""

from headgate.admin.token_ports import TokenRow
from headgate.cli.output import iso, printable
from headgate.core.clock import Clock


def described(row: TokenRow) -> dict[str, object]:
    """A token as JSON, right after it was made."""
    return {
        "token_id": row.id,
        "name": row.name,
        "user": row.principal.name,
        "scopes": list(row.scopes),
        "endpoints": list(row.endpoints),
        "networks": list(row.networks),
        "created_at": iso(row.created_at_ms),
        "expires_at": iso(row.expires_at_ms),
    }


def listed(row: TokenRow) -> dict[str, object]:
    """The same, with what is known later."""
    return {
        **described(row),
        "created_by": row.created_by or None,
        "last4": row.last4,
        "last_used_at": iso(row.last_used_at_ms),
        "revoked_at": iso(row.revoked_at_ms),
    }


def summary(row: TokenRow) -> str:
    """What a token allows, in one line."""
    networks = f", from {' '.join(row.networks)}" if row.networks else ""
    until = f", until {iso(row.expires_at_ms)}" if row.expires_at_ms else ""
    return f"{', '.join(row.scopes)}, endpoints {' '.join(row.endpoints)}{networks}{until}"


def cells(row: TokenRow, clock: Clock) -> tuple[str, ...]:
    """A row of the table."""
    created = (iso(row.created_at_ms) or "")[:10]
    used = (iso(row.last_used_at_ms) or "–")[:10]
    expires = (iso(row.expires_at_ms) or "never")[:10]
    endpoints = printable(" ".join(row.endpoints), 40)
    return (
        row.id, printable(row.name, 32), printable(row.principal.name, 40), f"…{row.last4}", ",".join(row.scopes), endpoints, created, used,
        expires, state(row, clock),
    )  # fmt: skip


def lines(row: TokenRow, clock: Clock) -> list[str]:
    """Everything about one token, a line each."""
    facts = (
        ("id", row.id),
        ("name", printable(row.name, 128)),
        ("user", printable(row.principal.name, 128)),
        ("token", f"…{row.last4}"),
        ("state", state(row, clock)),
        ("scopes", ", ".join(row.scopes)),
        ("endpoints", " ".join(row.endpoints)),
        ("networks", " ".join(row.networks) or "all"),
        ("created", f"{iso(row.created_at_ms)}{f' by {printable(row.created_by, 128)}' if row.created_by else ''}"),
        ("expires", iso(row.expires_at_ms) or "never"),
        ("last used", iso(row.last_used_at_ms) or "never"),
    )
    return [f"{name:<10} {value}" for name, value in facts]


def state(row: TokenRow, clock: Clock) -> str:
    """`live`, `expired` or `revoked`."""
    if row.revoked_at_ms:
        return "revoked"
    return "live" if row.is_live(clock.wall_ns() // 1_000_000) else "expired"

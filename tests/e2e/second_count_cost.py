"""The tiles of the dashboard of cost, counted a second time."""

from decimal import Decimal

from tests.e2e.second_count import groups, share, total
from tests.e2e.second_count_cache import premium, saved

_CLASSES = {
    "fresh": (("fresh_input_tokens", ("input_mtok",)),),
    "read": (("cache_read_tokens", ("cache_read_mtok", "input_mtok")),),
    "written": (
        ("cache_write_5m_tokens", ("cache_write_5m_mtok", "input_mtok")),
        ("cache_write_1h_tokens", ("cache_write_1h_mtok", "cache_write_5m_mtok")),
    ),
    "output": (("output_tokens", ("output_mtok",)),),
}
_TITLES = {"fresh": "fresh input", "read": "cache read", "written": "cache write", "output": "output"}


def _spent(lines, name):
    amount = Decimal(0)
    for line in lines:
        if line["spend"]:
            for tokens, rates in _CLASSES[name]:
                rate = next((line["rates"][each] for each in rates if line["rates"][each] is not None), 0)
                amount += (line[tokens] or 0) * Decimal(repr(rate))
    return amount / 1_000_000


def totals(month):
    """The cards."""
    rows = month.rows
    spend, paid = total(rows, "spend"), [row for row in rows if row["spend"]]
    return [
        {
            "spend": spend,
            "each": share(spend, len(paid)),
            "per_session": share(spend, len({row["session_id"] for row in paid if row["session_id"]})),
            "per_million": share(spend * 1_000_000, total(paid, "total_tokens")),
            "unpriced": sum(row["charge_status"] == "unpriced" for row in rows),
            "not_charged": total([row for row in rows if row["paid_by"] == "requester"], "list_charge"),
            "spend_before": total(month.before, "spend"),
        }
    ]


def classes(month):
    """By class and day."""
    found = groups(month.lines, "bucket")
    return [
        {"bucket": day, "class": title, "spend": _spent(lines, name)}
        for (day,), lines in found.items()
        for name, title in _TITLES.items()
        if any(line["spend"] for line in lines)
    ]


def models(month):
    """By model and class; the classes add up to the spend."""
    shown = []
    for (model,), lines in groups(month.lines, "model").items():
        spend = total(lines, "spend")
        if spend is not None:
            parts = {name: _spent(lines, name) for name in _CLASSES}
            assert sum(parts.values()) == spend
            requests = sum(line["first_line"] for line in lines)
            shown.append({"model": model, "spend": spend, **parts, "output_tokens": total(lines, "output_tokens"), "requests": requests})
    return shown


def _ranked(rows, name, known=10):
    sums = [{name: value, "spend": total(found, "spend")} for (value,), found in groups(rows, name).items() if value is not None]
    return sorted(sums, key=lambda each: (each["spend"] is None, -(each["spend"] or 0), each[name]))[:known]


def users(month):
    """By user."""
    return _ranked(month.rows, "user")


def agents(month):
    """By agent."""
    return _ranked(month.rows, "agent")


def endpoints(month):
    """By endpoint."""
    return _ranked(month.rows, "endpoint")


def tokens(month):
    """By token."""
    return _ranked(month.rows, "token_id")


def tags(month):
    """By tag."""
    return _ranked([{**row, "tag": f"{key}:{value}"} for row in month.rows for key, value in row["request_tags"].items()], "tag")


def caches(month):
    """What caches saved."""
    found = groups([row for row in month.rows if row["rates"] and row["rates"]["input_mtok"] is not None], "model", "agent")
    return [
        {
            "model": model,
            "agent": agent,
            "hits": share(total(rows, "cache_read_tokens"), total(rows, "input_tokens")),
            "read": total(rows, "cache_read_tokens"),
            "written": total(rows, "write"),
            "premium": premium(rows),
            "saved": saved(rows)
            if any(row["cache_read_tokens"] is not None and row["rates"]["cache_read_mtok"] is not None for row in rows)
            else None,
        }
        for (model, agent), rows in found.items()
    ]


def sessions(month):
    """The dearest sessions."""
    found = [
        {"session_id": name, "requests": len(rows), "tokens": total(rows, "total_tokens"), "spend": total(rows, "spend")}
        for (name,), rows in groups([row for row in month.rows if row["session_id"]], "session_id").items()
    ]
    return sorted(found, key=lambda each: (each["spend"] is None, -(each["spend"] or 0), each["session_id"]))[:15]


def unpriced(month):
    """Models without a price."""
    found = groups([row for row in month.rows if row["charge_status"] == "unpriced"], "model", "provider")
    return [
        {"model": model, "provider": provider, "requests": len(rows), "tokens": total(rows, "total_tokens")}
        for (model, provider), rows in found.items()
    ]


def not_charged(month):
    """Paid by people themselves: nobody in the demo."""
    found = groups([row for row in month.rows if row["paid_by"] == "requester"], "user", "provider")
    return [{"user": user, "provider": provider, "requests": len(rows)} for (user, provider), rows in found.items()]


def reported(month):
    """The charge of sessions whose client reports a cost, beside that cost."""
    counted = groups([row for row in month.ledger.sessions if row["client_cost_usd"] is not None], "agent")
    found = []
    for (agent,), rows in counted.items():
        gateway, client = float(total(rows, "spend") or 0), float(total(rows, "client_cost_usd"))
        found.append({"agent": agent, "sessions": len(rows), "gateway": gateway, "client": client, "part": share(client - gateway, gateway)})
    return found

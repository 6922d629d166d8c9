"""`headgate audit list|verify`: administrative acts and refusals, and whether their table is as it was written. They need no running gateway."""

import datetime as dt
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from headgate.catalog.audit_chain import AuditVerdict, Head, noted_head
from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, print_table, printable
from headgate.cli.store import existing_store
from headgate.cli.usage import since_of
from headgate.core.clock import SystemClock
from headgate.storage.query.audit_check import check_audit
from headgate.storage.query.audit_list import AuditFilter, read_audit
from headgate.storage.state.audit_outbox import AuditOutbox
from headgate.storage.state.database import Database
from headgate.storage.state.opening import database_url

app = typer_app("Show what was done and refused, and verify it: no row may be changed, removed or inserted.")


@app.command("list")
@reports_errors
def list_events(
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Only what this user, service principal or os:USER did; may have *.")] = "*",
    action: Annotated[str, typer.Option("--action", metavar="NAME", help="Only this action, such as generateDbToken; may have *.")] = "*",
    since: Annotated[str, typer.Option("--since", metavar="WHEN", help="Only since then: 30m, 24h, 7d, 4w, or a day such as 2026-11-20.")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=100_000, help="At most so many, the newest.")] = 100,
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show administrative acts and refusals, newest first, also those that are not in the table yet."""
    asked = AuditFilter(who=who, action=action, since_ns=since_of(since, SystemClock().wall_ns()), limit=limit)
    place = existing_store(data)
    database = Database(database_url(place))
    try:
        rows = read_audit(str(place.root), AuditOutbox(database), asked)
    finally:
        database.close()
    if as_json:
        print(json_text([row | {"event_time": _time(row), "event_date": _time(row)[:10]} for row in rows]))
        return
    if not rows:
        sys.stderr.write("No such events.\n")
        return
    print_table(("TIME", "WHO", "ACTION", "ABOUT", "STATUS", "TIMES"), [_cells(row) for row in rows], right=frozenset({4, 5}))


@app.command()
@reports_errors
def verify(
    expect: Annotated[
        str,
        typer.Option("--expect", metavar="NUMBER:HASH", help="An end of the chain that was noted before; the table must still have it."),
    ] = "",
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Verify that no row of the audit table was changed, removed or inserted. Exits with 1 if one was."""
    verdict = check_audit(str(existing_store(data).root), _head(expect))
    if as_json:
        found = [{"chain_sequence": one.sequence, "what": one.what} for one in verdict.breaks]
        head = {"chain_sequence": verdict.head.sequence, "row_hash": verdict.head.hash}
        print(json_text({"holds": verdict.holds, "rows": verdict.rows, "head": head, "breaks": found}))
    else:
        _print(verdict)
    if not verdict.holds:
        raise typer.Exit(1)


def _print(verdict: AuditVerdict) -> None:
    for one in verdict.breaks:
        print(f"row {one.sequence}: {one.what}")
    if verdict.holds:
        end = f" It ends at {verdict.head.sequence}:{verdict.head.hash}" if verdict.rows else ""
        print(f"The chain of the audit table holds: {verdict.rows} row{'' if verdict.rows == 1 else 's'}.{end}")
    else:
        sys.stderr.write("The audit table is not as it was written.\n")


def _head(text: str) -> Head | None:
    if not text:
        return None
    found = noted_head(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no end of a chain, as `headgate audit verify` prints it", param_hint="'--expect'")
    return found


def _time(row: Mapping[str, Any]) -> str:
    return dt.datetime.fromtimestamp(row["event_time"] / 1_000_000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    params = row["request_params"]
    about = " ".join(f"{name}={value}" for name, value in params.items())
    who = row["user_identity"]["email"] or row["source_ip_address"] or "–"
    return (
        f"{_time(row)[:19]}Z", printable(who, 40), row["action_name"], printable(about, 90), str(row["response"]["status_code"]), str(row["occurrences"]),
    )  # fmt: skip

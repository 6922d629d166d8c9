"""`headgate usage`: usage and cost, from the tables and the journal's tail, whether the gateway runs or not; and what is left of one's budgets, from the gateway."""

import csv
import datetime as dt
import io
import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from headgate.cli.budget import meter_lines
from headgate.cli.gateway_choice import asked_gateway
from headgate.cli.options import DataOption, JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.output import json_text, print_table, printable, tokens, usd
from headgate.cli.spans import span_s
from headgate.cli.usage_reading import FoundUsage, UsageQuestion, find_usage
from headgate.core.clock import SystemClock, midnight_ns

app = typer_app("Show usage and cost.")

_NS = 1_000_000_000
_DAY_NS = 86_400 * _NS
_SUMS = (("fresh_input_tokens",), ("cache_read_tokens",), ("cache_write_5m_tokens", "cache_write_1h_tokens"), ("output_tokens",))
_CLASSES = ("FRESH", "CACHE READ", "CACHE WRITE", "OUTPUT")  # of tokens, as prices have them
_ROWS_SHOWN = 100

Row = Mapping[str, Any]


class By(StrEnum):
    """The possible groupings of usage."""

    USER = "user"
    AGENT = "agent"
    MODEL = "model"
    ENDPOINT = "endpoint"
    PROVIDER = "provider"
    TOKEN = "token"  # ruff: ignore[hardcoded-password-string] a column
    TAG = "tag"
    TIER = "tier"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SESSION = "session"


LimitOption = Annotated[
    int | None,
    typer.Option(
        "--limit",
        metavar="N",
        min=0,
        help="At most N lines: the latest exchanges, or the largest sums; 0 for all. By default 100 in a table of exchanges.",
    ),
]


@app.command()
@reports_errors
def usage(
    by: Annotated[By | None, typer.Option("--by", help="How to group the sums: by default, by model.")] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="Only exchanges that began since then: 30m, 24h, 7d, 4w, or a day such as 2026-11-20.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="WHEN", help="Only exchanges that began before then; a day counts whole. Takes what --since takes.")
    ] = "",
    tag: Annotated[str, typer.Option("--tag", metavar="KEY", help="The request tag that `--by tag` groups by, such as team.")] = "",
    rows: Annotated[bool, typer.Option("--rows", help="Single exchanges, oldest first, instead of sums.")] = False,
    limit: LimitOption = None,
    mine: Annotated[
        bool,
        typer.Option(
            "--mine",
            help="What is left of your budgets instead, from a running gateway: the one you signed in to, or that in HEADGATE_URL.",
        ),
    ] = False,
    url: UrlOption = "",
    data: DataOption = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show usage and cost. Models without a known price are shown as unpriced, never as free."""
    if mine:
        budgets = asked_gateway(url).get("/api/2.0/headgate/me")["budgets"]
        print(json_text(budgets) if as_json else "\n".join(meter_lines(budgets)))
        return
    _check_options(by, tag, rows=rows, two_forms=as_json and as_csv)
    now_ns = SystemClock().wall_ns()
    lines_max = (0 if not rows or as_json or as_csv else _ROWS_SHOWN) if limit is None else limit
    key = by or By.MODEL
    asked = UsageQuestion(
        every_exchange=rows,
        by=key.value,
        tag=tag,
        since_ns=since_of(since, now_ns),
        until_ns=until_of(until, now_ns),
        latest=lines_max if rows else 0,
    )
    usage_found = find_usage(asked, url, data)
    found = usage_found.rows
    if as_json or as_csv:
        found = found[:lines_max] if lines_max else found
        sys.stdout.write(csv_text(found) if as_csv else f"{json_text(found)}\n")
        return
    if not found:
        sys.stderr.write(f"Nothing was used{_span_words(since, until) or ' yet'}.\n")
        return
    print_rows(found) if rows else print_groups(found, key.value, lines_max)
    _print_beside(usage_found, cut=bool(rows and lines_max and len(found) == lines_max))


def _check_options(by: By | None, tag: str, *, rows: bool, two_forms: bool) -> None:
    """Raise BadParameter for options that contradict each other."""
    if two_forms:
        raise typer.BadParameter("choose one of --json and --csv", param_hint="'--csv'")
    if rows and by is not None:
        raise typer.BadParameter("--rows shows single exchanges, without sums: leave out --by", param_hint="'--by'")
    if (by is By.TAG) != bool(tag):
        raise typer.BadParameter("--by tag and --tag KEY go together", param_hint="'--tag'")


def _span_words(since: str, until: str) -> str:
    return f"{f' since {since}' if since else ''}{f' until {until}' if until else ''}"


def _print_beside(usage_found: FoundUsage, *, cut: bool) -> None:
    """Say on standard error what the table does not: whose and of which days it is, whether it is all, and whether it is real."""
    found = usage_found.rows
    days = [str(row[name])[:10] for row in found for name in ("event_time", "first_time", "last_time") if row.get(name)]
    if days:
        sys.stderr.write(f"Exchanges from {min(days)} to {max(days)}, in UTC.\n")
    if cut:
        sys.stderr.write(f"These are the latest {len(found)}; there may be more: --limit N shows N, --limit 0 all.\n")
    if usage_found.whose:
        sys.stderr.write(f"{printable(usage_found.whose, 240)}\n")
    if usage_found.is_demo:
        sys.stderr.write("This is the demo: its usage is made up, and no account is charged.\n")


def since_of(text: str, now_ns: int) -> int:
    """The moment that `--since` means, in nanoseconds; 0 for no limit. A day begins at midnight UTC."""
    return _moment_ns(text, now_ns, "--since") if text else 0


def until_of(text: str, now_ns: int) -> int:
    """The first moment after what `--until` means, in nanoseconds; 0 for no limit. A day ends with the next midnight UTC."""
    if not text:
        return 0
    return _moment_ns(text, now_ns, "--until") + (_DAY_NS if span_s(text) is None else 0)


def _moment_ns(text: str, now_ns: int, option: str) -> int:
    span = span_s(text)
    if span is not None:
        return max(0, now_ns - span * _NS)
    try:
        return midnight_ns(dt.date.fromisoformat(text))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is neither a span such as 24h or 7d nor a day such as 2026-11-20", param_hint=f"'{option}'") from error


def csv_text(found: Sequence[Row]) -> str:
    """Rows as CSV with a line of column names: what is not known is empty, lists and maps are JSON."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if found:
        writer.writerow(found[0])
    writer.writerows([_csv_cell(value) for value in row.values()] for row in found)
    return text.getvalue()


def _csv_cell(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def print_groups(found: Sequence[Row], by: str, lines_max: int = 0) -> None:
    """Print sums as a table, with a last line for the total of all of them."""
    searched = any(row.get("web_searches") for row in found)
    head = (by.upper(), "REQUESTS", "NOT COMPLETED", *_CLASSES, *(("SEARCHES",) if searched else ()), "CHARGE")
    lines = [_group(row, str(row[by] or "–"), searched) for row in found[: lines_max or None]]
    names = ("requests", "not_completed", "unpriced", "estimated", "web_searches", *(name for sums in _SUMS for name in sums))
    total: dict[str, Any] = {
        name: sum(row.get(name) or 0 for row in found) if any(row.get(name) is not None for row in found) else None for name in names
    }
    total["charge"] = sum(row["charge"] or 0 for row in found) if any(row["charge"] is not None for row in found) else None
    print_table(head, [*lines, _group(total, "all", searched)] if len(found) > 1 else lines, frozenset(range(1, len(head))), whole=frozenset())


def print_rows(found: Sequence[Row]) -> None:
    """Print exchanges as a table, with the most useful columns; `--json` has all. There is a column for the tier if one is not the standard one."""
    tiered = any(row.get("service_tier") for row in found)
    tier = ("TIER",) if tiered else ()
    head = ("TIME (UTC)", "USER", "AGENT", "ENDPOINT", *tier, "STATUS", "ENDED", *_CLASSES, "CHARGE")
    print_table(head, [_row(row, tiered) for row in found], frozenset(range(6 + len(tier), len(head))))


def _group(row: Row, key: str, searched: bool) -> tuple[str, ...]:
    return (
        printable(key, 48),
        str(row["requests"]),
        str(row["not_completed"]),
        *_counts(row, bool(row["estimated"])),
        *((str(row["web_searches"] or "–"),) if searched else ()),
        _charge(row["charge"], row["unpriced"]),
    )


def _row(row: Row, tiered: bool) -> tuple[str, ...]:
    tier = (printable(str(row["service_tier"] or "–"), 24),) if tiered else ()
    who = tuple(printable(str(row[name] or "–"), 32) for name in ("requester", "agent", "endpoint_name"))
    ending = (str(row["status_code"] or "–"), str(row["ended"]))
    charge = _charge(row["charge"], int(row["charge_status"] == "unpriced"))
    return (str(row["event_time"])[:19].replace("T", " "), *who, *tier, *ending, *_counts(row, bool(row["usage_estimated"])), charge)


def _counts(row: Row, estimated: bool) -> list[str]:
    sums = [[row[name] for name in names if row[name] is not None] for names in _SUMS]
    return [f"{'~' if estimated else ''}{tokens(sum(known))}" if known else "–" for known in sums]


def _charge(charge: float | None, unpriced: int) -> str:
    if charge is None:
        return "unpriced" if unpriced else "–"
    return usd(float(charge)) + (f" + {unpriced} unpriced" if unpriced else "")

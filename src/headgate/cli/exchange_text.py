"""Formats one line for an exchange: time, status, user, endpoint, agent, tokens, charge, durations. Pure."""

import datetime as dt

from headgate.cli.output import Paint, printable, seconds, tokens, usd
from headgate.core.record import Outcome
from headgate.core.usage import Usage
from headgate.metering.bill import bill
from headgate.metering.price import RatesOf

_MESSAGE_MAX = 120
_USER_CHARS, _USER_MAX = 20, 128


def exchange_line(outcome: Outcome, prices: RatesOf | None, colour: bool) -> str:
    """The line. Without prices (they are still being loaded) there is no charge in it."""
    paint = Paint(colour)
    intent = outcome.intent
    when = dt.datetime.fromtimestamp(outcome.ended_at_ns / 1e9).astimezone()
    columns = (
        paint.dim(f"{when:%H:%M:%S}"),
        _status(outcome, paint),
        f"{printable(intent.requester or '–', _USER_MAX):<{_USER_CHARS}}",  # whole: ada@example.com and ada@example.org are two
        _cell(intent.endpoint or intent.model_asked or "–", 26),
        _cell(intent.agent or "–", 12),
    )
    return " ".join((*columns, _rest(outcome, prices, paint)))


def _status(outcome: Outcome, paint: Paint) -> str:
    status = f"{outcome.status_code or '–':>3}"
    if outcome.ended == "completed" and outcome.status_code < 400:
        return paint.good(status)
    return paint.bad(status) if outcome.status_code >= 500 or outcome.ended == "cut" else paint.warn(status)


def _rest(outcome: Outcome, prices: RatesOf | None, paint: Paint) -> str:
    if outcome.ended in {"failed", "refused", "cut"}:
        what = {"cut": "the provider broke off"}.get(outcome.ended, "")
        message = ": ".join(part for part in (what, outcome.error_message or outcome.error_code) if part) or outcome.ended
        return (paint.bad if outcome.status_code >= 500 or outcome.ended == "cut" else paint.warn)(printable(message, _MESSAGE_MAX))
    first, total = seconds(outcome.time_to_first_byte_ms), seconds(outcome.latency_ms)
    left = paint.dim("  client left") if outcome.ended == "client_gone" else ""
    return f"{_counts(outcome.usage):<19} {_charge(outcome, prices):<9} {paint.dim('ttft')} {first:>5} {total:>6}{left}"


def _counts(usage: Usage | None) -> str:
    """`1.2k+28.4k→212`: input (fresh and written to a cache), input read from a cache, output; `~` before an estimate."""
    counts = usage.totals if usage is not None else None
    if usage is None or counts is None or (counts.all_input_tokens is None and counts.output_tokens is None):
        return "–"
    fresh = sum(each or 0 for each in (counts.input_tokens, counts.cache_write_5m_tokens, counts.cache_write_1h_tokens))
    cached = f"+{tokens(counts.cache_read_tokens)}" if counts.cache_read_tokens else ""
    return f"{'~' if usage.estimated else ''}{tokens(fresh)}{cached}→{tokens(counts.output_tokens or 0)}"


def _charge(outcome: Outcome, prices: RatesOf | None) -> str:
    if prices is None:
        return "–"
    charged = bill(outcome, prices)
    if charged.status == "none":
        return "–"
    return "unpriced" if charged.charge is None else usd(float(charged.charge))


def _cell(text: str, width: int) -> str:
    return f"{printable(text, width):<{width}}"

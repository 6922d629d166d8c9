"""The tiles of the dashboard of caches, counted a second time."""

import itertools
import operator
from collections import defaultdict

from tests.e2e.second_count import groups, share, total


def _rate(row, *names):
    rates = row["rates"] or {}
    return next((rates[name] for name in names if rates.get(name) is not None), None)


def saved(rows):
    """What reads saved, in USD."""
    found = [(row["cache_read_tokens"], _rate(row, "input_mtok"), (row["rates"] or {}).get("cache_read_mtok")) for row in rows]
    return sum(read * (fresh - cheap) for read, fresh, cheap in found if None not in {read, fresh, cheap}) / 1e6


def premium(rows):
    """What writes cost above fresh input, in USD."""
    amount = 0.0
    for row in rows:
        fresh = _rate(row, "input_mtok")
        if fresh is not None:
            amount += (row["cache_write_5m_tokens"] or 0) * (_rate(row, "cache_write_5m_mtok", "input_mtok") - fresh)
            amount += (row["cache_write_1h_tokens"] or 0) * (_rate(row, "cache_write_1h_mtok", "cache_write_5m_mtok", "input_mtok") - fresh)
    return amount / 1e6


def totals(month):
    """The cards."""
    rows = month.rows
    return [
        {
            "hits": share(total(rows, "cache_read_tokens"), total(rows, "input_tokens")),
            "read": total(rows, "cache_read_tokens"),
            "written": total(rows, "write"),
            "saved": saved(rows),
            "premium": premium(rows),
            "net": saved(rows) - premium(rows),
        }
    ]


def _hits(month, name):
    found = groups([row for row in month.rows if (row["input_tokens"] or 0) > 0], "bucket", name)
    return [
        {"bucket": day, name: value, "hits": share(total(rows, "cache_read_tokens"), total(rows, "input_tokens"))}
        for (day, value), rows in found.items()
    ]


def hits_by_model(month):
    """By model and day."""
    return _hits(month, "model")


def hits_by_agent(month):
    """By agent and day."""
    return _hits(month, "agent")


def _breaks(month):
    asked = [
        row for row in month.rows if row["session_id"] and (row["input_tokens"] or 0) > 0 and row["ended"] in {"completed", "client_gone", "cut"}
    ]
    for found in groups(asked, "session_id", "subagent_id", "model").values():
        found.sort(key=operator.itemgetter("event_time", "request_id"))
        for place, (earlier, row) in enumerate(itertools.pairwise(found), start=2):
            cached, read = (earlier["cache_read_tokens"] or 0) + earlier["write"], row["cache_read_tokens"] or 0
            if cached >= 1024 and row["input_tokens"] >= earlier["input_tokens"] and read < cached / 2:
                yield place, earlier, row, cached, read


def _lost(row, tokens):
    cheap, amount = _rate(row, "cache_read_mtok", "input_mtok"), 0.0
    if cheap is None:
        return None
    classes = (
        (row["cache_write_5m_tokens"] or 0, _rate(row, "cache_write_5m_mtok", "input_mtok")),
        (row["cache_write_1h_tokens"] or 0, _rate(row, "cache_write_1h_mtok", "cache_write_5m_mtok", "input_mtok")),
        (tokens, _rate(row, "input_mtok")),
    )
    for count, rate in classes:
        part = min(tokens, count)
        tokens -= part
        amount += part * (rate - cheap)
    return amount / 1e6


def breaks(month):
    """Where a prefix broke, the dearest first."""
    found = []
    for place, earlier, row, cached, read in _breaks(month):
        pause = (row["event_time"] - earlier["event_time"]).total_seconds()
        why = "changed" if row["write"] else "changed or missed"
        found.append({
            "request_id": row["request_id"],
            "session_id": row["session_id"],
            "request": place,
            "earlier": earlier["request_id"],
            "cached": cached,
            "read": read,
            "why": "expired" if pause > (3600 if earlier["cache_write_1h_tokens"] else 300) else why,
            "lost_usd": _lost(row, cached - read),
        })
    return sorted(found, key=lambda each: (-(each["lost_usd"] or 0), each["request_id"]))[:25]


def lost(month):
    """What broken prefixes cost by model and day."""
    sums = defaultdict(float)
    for _, _, row, cached, read in _breaks(month):
        sums[row["bucket"], row["model"]] += _lost(row, cached - read)
    return [{"bucket": day, "model": model, "lost_usd": amount} for (day, model), amount in sums.items()]


def unread(month):
    """Writes that no read followed."""
    for found in groups(
        [row for row in month.rows if row["session_id"] and (row["input_tokens"] or 0) > 0], "session_id", "subagent_id", "model"
    ).values():
        later = 0
        for row in sorted(found, key=operator.itemgetter("event_time", "request_id"), reverse=True):
            row["later"], later = later, max(later, row["cache_read_tokens"] or 0)
    writes = [row for row in month.rows if row["write"] and "later" in row]
    shown = []
    for (model, agent), rows in groups(writes, "model", "agent").items():
        never = [row for row in rows if not row["later"]]
        shown.append({
            "model": model,
            "agent": agent,
            "written": total(rows, "write"),
            "unread": total(never, "write"),
            "share": share(total(never, "write"), total(rows, "write")),
            "premium": premium(never) if never else None,
        })
    return shown


def sessions(month):
    """The sessions with the lowest rate."""
    found = []
    for (name,), rows in groups([row for row in month.rows if row["session_id"] and (row["input_tokens"] or 0) > 0], "session_id").items():
        read, given = total(rows, "cache_read_tokens"), total(rows, "input_tokens")
        if len(rows) >= 5 and given >= 50_000 and read is not None:
            found.append({
                "session_id": name,
                "requests": len(rows),
                "input": given,
                "hits": read / given,
                "spend": total(rows, "spend"),
            })
    return sorted(found, key=operator.itemgetter("hits", "session_id"))[:20]

"""The tiles of the overview, counted a second time."""

import operator

from tests.e2e.second_count import NOT_OURS, groups, near, share, total
from tests.e2e.second_count_cache import premium, saved
from tests.e2e.second_count_performance import SHARES


def failed(rows):
    """The share of requests that failed, of all."""
    return share(sum(row["ended"] in NOT_OURS for row in rows), len(rows))


def ranked(rows, name, known):
    """The spend by a column, the largest first."""
    sums = [{name: value, "spend": total(found, "spend")} for (value,), found in groups(rows, name).items()]
    return sorted(sums, key=lambda each: (each["spend"] is None, -(each["spend"] or 0)))[:known]


def totals(month):
    """The cards."""
    rows, before = month.rows, month.before
    return [
        {
            "spend": total(rows, "spend"),
            "requests": len(rows),
            "tokens": total(rows, "total_tokens"),
            "hits": share(total(rows, "cache_read_tokens"), total(rows, "input_tokens")),
            "failed": failed(rows),
            "users": len({row["user"] for row in rows}),
            "others": f"{len({row['agent'] for row in rows})} agents · {len({row['model'] for row in rows} - {None})} models",
            "refused": f"{sum(row['ended'] == 'refused' for row in rows)} refused by Headgate",
            "saved": f"saved ${round(saved(rows) - premium(rows))}",
            "spend_before": total(before, "spend"),
            "requests_before": len(before),
        }
    ]


def spend_by_model(month):
    """By day."""
    found = groups(month.lines, "bucket", "model")
    return [{"bucket": day, "model": model, "spend": total(lines, "spend")} for (day, model), lines in found.items()]


def top_users(month):
    """The ten dearest."""
    return ranked(month.rows, "user", 10)


def tokens(month):
    """By class and day."""
    names = {"cache read": "cache_read_tokens", "fresh input": "fresh_input_tokens", "output": "output_tokens"}
    found = [
        {"bucket": day, "class": title, "tokens": total(rows, name)}
        for (day,), rows in groups(month.rows, "bucket").items()
        for title, name in names.items()
    ]
    return [each for each in found if each["tokens"] is not None]


def latency(month):
    """The first byte by day."""
    return [
        {"bucket": day, "share": name, "wait_ms": near([row["time_to_first_byte_ms"] for row in rows], SHARES[name])}
        for (day,), rows in groups(month.rows, "bucket").items()
        for name in ("p50", "p95")
    ]


def hours(month):
    """Weekdays and hours."""
    found = groups([{"day": f"{row['event_time']:%a}", "hour": row["event_time"].hour} for row in month.rows], "day", "hour")
    return [{"day": day, "hour": hour, "requests": len(rows)} for (day, hour), rows in found.items()]


def agents(month):
    """By requests."""
    found = [
        {"agent": agent, "requests": len(rows), "users": f"{len({row['user'] for row in rows})} users"}
        for (agent,), rows in groups(month.rows, "agent").items()
    ]
    return sorted(found, key=lambda each: -each["requests"])[:8]


def errors(month):
    """The latest."""
    wrong = [row for row in month.rows if row["ended"] in {*NOT_OURS, "refused"}]
    latest = sorted(wrong, key=operator.itemgetter("event_time"), reverse=True)[:8]
    return [
        {"request_id": row["request_id"], "user": row["user"], "what": row["error_message"] or row["error_code"] or row["ended"]} for row in latest
    ]

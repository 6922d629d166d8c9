"""The tiles of a person's own usage, counted a second time from the rows of everyone."""

import operator

from tests.e2e.second_count import groups, share, total


class OwnMonth:
    """The rows of one user."""

    def __init__(self, month, user):
        self.rows, self.before, self.lines = ([row for row in rows if row["user"] == user] for rows in (month.rows, month.before, month.lines))
        self.sessions = [row for row in month.ledger.sessions if row["user"] == user]


def totals(month):
    """The cards."""
    rows, before = month.rows, month.before
    return [
        {
            "spend": total(rows, "spend"),
            "requests": len(rows),
            "tokens": total(rows, "total_tokens"),
            "sessions": len({row["session_id"] for row in rows} - {None}),
            "hits": share(total(rows, "cache_read_tokens"), total(rows, "input_tokens")),
            "refused": sum(row["ended"] == "refused" for row in rows),
            "spend_before": total(before, "spend"),
            "requests_before": len(before),
            "sessions_before": len({row["session_id"] for row in before} - {None}),
        }
    ]


def spend(month):
    """By model and day."""
    found = groups(month.lines, "bucket", "model")
    return [{"bucket": day, "model": model, "spend": total(lines, "spend")} for (day, model), lines in found.items()]


def agents(month):
    """Requests by agent."""
    return [{"agent": agent, "requests": len(rows)} for (agent,), rows in groups(month.rows, "agent").items()]


def sessions(month):
    """The latest."""
    latest = sorted(month.sessions, key=operator.itemgetter("at"), reverse=True)[:25]
    names = ("session_id", "agent", "turns", "requests", "total_tokens", "spend", "errors", "outcome")
    return [{name: row[name] for name in names} for row in latest]


def refused(month):
    """The latest that Headgate refused."""
    latest = sorted((row for row in month.rows if row["ended"] == "refused"), key=operator.itemgetter("event_time"), reverse=True)[:20]
    names = ("endpoint", "agent", "status_code", "error_code", "error_message")
    return [{"event_time": f"{row['event_time']:%Y-%m-%dT%H:%M:%S.%fZ}", **{name: row[name] for name in names}} for row in latest]

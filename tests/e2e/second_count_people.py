"""The tiles of the dashboard of people, counted a second time."""

from tests.e2e.second_count import groups, share, total


def _sessions(rows):
    return len({row["session_id"] for row in rows} - {None})


def totals(month):
    """The cards."""
    rows, people = month.rows, {row["user"] for row in month.rows}
    spend = total(rows, "spend")
    return [{"users": len(people), "spend": spend, "sessions": _sessions(rows), "each_user": share(spend, len(people))}]


def everyone(month):
    """Each person."""
    return [
        {
            "user": user,
            "agents": len({row["agent"] for row in rows}),
            "sessions": _sessions(rows),
            "active_days": len({row["event_time"].date() for row in rows}),
            "requests": len(rows),
            "tokens": total(rows, "total_tokens"),
            "spend": total(rows, "spend"),
            "cache_hit": share(total(rows, "cache_read_tokens"), total(rows, "input_tokens")),
            "refused": sum(row["ended"] == "refused" for row in rows),
        }
        for (user,), rows in groups(month.rows, "user").items()
    ]


def spend(month):
    """By person and day; the demo has ten people."""
    found = groups(month.rows, "bucket", "user")
    return [{"bucket": day, "person": user, "spend": total(rows, "spend")} for (day, user), rows in found.items()]


def tags(month):
    """By the tag team."""
    found = groups([{**row, "team": row["request_tags"].get("team", "no team")} for row in month.rows], "team")
    return [{"team": team, "spend": total(rows, "spend")} for (team,), rows in found.items()]


def days(month):
    """Active people."""
    return [{"bucket": day, "users": len({row["user"] for row in rows})} for (day,), rows in groups(month.rows, "bucket").items()]


def usual(month):
    """Who uses which agent."""
    return [{"user": user, "agent": agent, "requests": len(rows)} for (user, agent), rows in groups(month.rows, "user", "agent").items()]


def new(month):
    """Not seen in this range."""
    seen = {row["user"] for row in month.rows}
    found = groups([row for row in month.before if row["user"] not in seen], "user")
    return [{"user": user, "requests_before": len(rows)} for (user,), rows in found.items()]

"""The tiles of the dashboard of coding agents that show the gateway's rows, counted a second time."""

from tests.e2e.second_count import groups, near, share, total
from tests.e2e.second_count_overview import failed
from tests.e2e.second_count_productivity import used_tools


def _days(rows):
    return {(row["user"], row["event_time"].date()) for row in rows}


def _named(rows, name):
    return {row[name] for row in rows} - {None}


def totals(month):
    """The cards."""
    rows, before = month.rows, month.before
    return [
        {
            "users": len(_named(rows, "user")),
            "active_days": len(_days(rows)),
            "sessions": len(_named(rows, "session_id")),
            "requests": len(rows),
            "tokens": total(rows, "total_tokens"),
            "spend": total(rows, "spend"),
            "active_days_before": len(_days(before)),
            "sessions_before": len(_named(before, "session_id")),
        }
    ]


def compared(month):
    """By agent."""
    return [
        {
            "agent": agent,
            "users": len(_named(rows, "user")),
            "sessions": len(_named(rows, "session_id")),
            "requests": len(rows),
            "tokens": total(rows, "total_tokens"),
            "spend": total(rows, "spend"),
            "failed": failed(rows),
            "first_byte_ms": near([row["time_to_first_byte_ms"] for row in rows], 0.5),
            "versions": len(_named(rows, "agent_version")),
        }
        for (agent,), rows in groups(month.rows, "agent").items()
    ]


def requests(month):
    """By agent and day."""
    return [{"bucket": day, "agent": agent, "requests": len(rows)} for (day, agent), rows in groups(month.rows, "bucket", "agent").items()]


def users(month):
    """Active users by agent and day."""
    return [
        {"bucket": day, "agent": agent, "users": len(_named(rows, "user"))} for (day, agent), rows in groups(month.rows, "bucket", "agent").items()
    ]


def surfaces(month):
    """Where agents run."""
    found = groups([{**row, "surface": row["surface"] or "unknown"} for row in month.rows], "surface")
    return [{"surface": surface, "requests": len(rows)} for (surface,), rows in found.items()]


def models(month):
    """Agents and models."""
    found = groups([line for line in month.lines if line["first_line"]], "agent", "model")
    return [{"agent": agent, "model": model, "requests": len(lines)} for (agent, model), lines in found.items()]


def versions(month):
    """Versions in use."""
    found = groups([{**row, "version": row["agent_version"] or "unknown"} for row in month.rows], "agent", "version")
    return [
        {"agent": agent, "version": version, "users": len(_named(rows, "user")), "requests": len(rows)} for (agent, version), rows in found.items()
    ]


def reported(month):
    """What agents reported of their work."""
    return [
        {
            "agent": agent,
            "sessions": len(rows),
            "commits": total(rows, "commits"),
            "pull_requests": total(rows, "pull_requests"),
            "added": total(rows, "lines_added"),
            "removed": total(rows, "lines_removed"),
            "accepted": share(total(rows, "tools_accepted"), (total(rows, "tools_accepted") or 0) + (total(rows, "tools_rejected") or 0)),
        }
        for (agent,), rows in groups(month.ledger.sessions, "agent").items()
    ]


def tools(month):
    """Tools that agents used."""
    return used_tools(month, 20)

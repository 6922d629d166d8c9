"""The tiles of the dashboard of productivity, counted a second time from the rows of agent sessions and tool calls."""

from tests.e2e.second_count import groups, near, share, total

_EDITS = {"Edit", "Write", "MultiEdit", "NotebookEdit", "apply_patch", "replace", "write_file", "edit"}
_BY = {True: " by a person", False: " by a rule", None: ""}
_HOW = {True: "reviewed by a person", False: "decided by a rule", None: "not known"}


def _cost_of(rows, name):
    return share(total(rows, "spend"), total(rows, name))


def totals(month):
    """The cards."""
    now, before = month.ledger.sessions, month.ledger.sessions_before
    names = {"commits": "commits", "pull_requests": "pull_requests", "added": "lines_added", "removed": "lines_removed"}
    return [
        {
            **{name: total(now, column) for name, column in names.items()},
            **{f"{name}_before": total(before, column) for name, column in names.items()},
            "active_s": total(now, "active_time_s"),
            "active_before": total(before, "active_time_s"),
            "commit_cost": _cost_of(now, "commits"),
            "commit_cost_before": _cost_of(before, "commits"),
            "sessions": len(now),
        }
    ]


def _edits(month):
    return [row for row in month.ledger.tools if row["decision"] is not None and row["tool"] in _EDITS]


def accepted(month):
    """Of what was proposed, by how it was decided and day."""
    return [
        {"bucket": day, "how": _HOW[reviewed], "accepted": sum(row["decision"] == "accepted" for row in rows) / len(rows)}
        for (day, reviewed), rows in groups(_edits(month), "bucket", "reviewed").items()
    ]


def decisions(month):
    """How edits were decided."""
    return [
        {"how": decision + _BY[reviewed], "edits": len(rows)} for (decision, reviewed), rows in groups(_edits(month), "decision", "reviewed").items()
    ]


def _unpivoted(month, kind, number, names):
    found = [
        {"bucket": day, kind: shown, number: total(rows, column)}
        for (day,), rows in groups(month.ledger.sessions, "bucket").items()
        for shown, column in names.items()
    ]
    return [row for row in found if row[number] is not None]


def lines(month):
    """Lines by direction and day."""
    return _unpivoted(month, "direction", "lines", {"added": "lines_added", "removed": "lines_removed"})


def commits(month):
    """Commits and pull requests by day."""
    return _unpivoted(month, "kind", "number", {"commits": "commits", "pull requests": "pull_requests"})


def outcomes(month):
    """Sessions by what became of them and day."""
    found = groups([{**row, "outcome": row["outcome"] or "not known"} for row in month.ledger.sessions], "bucket", "outcome")
    return [{"bucket": day, "outcome": outcome, "sessions": len(rows)} for (day, outcome), rows in found.items()]


def cost(month):
    """What a unit of work cost, by agent."""
    return [
        {
            "agent": agent,
            "sessions": len(rows),
            "session_cost": share(total(rows, "spend"), len(rows)),
            "commit_cost": _cost_of(rows, "commits"),
            "pull_request_cost": _cost_of(rows, "pull_requests"),
            "thousand_lines_cost": share((total(rows, "spend") or 0) * 1000, total(rows, "lines_added")),
        }
        for (agent,), rows in groups(month.ledger.sessions, "agent").items()
    ]


def repositories(month):
    """The fifteen repositories with the most sessions."""
    named = groups([{**row, "repository": row["repository"] or "not known"} for row in month.ledger.sessions], "repository")
    most = sorted(named.items(), key=lambda each: -len(each[1]))[:15]
    return [
        {
            "repository": repository,
            "sessions": len(rows),
            "commits": total(rows, "commits"),
            "added": total(rows, "lines_added"),
            "spend": total(rows, "spend"),
        }
        for (repository,), rows in most
    ]


def used_tools(month, most):
    """The tools with the most calls."""
    found = sorted(groups(month.ledger.tools, "tool").items(), key=lambda each: -len(each[1]))[:most]
    return [
        {
            "tool": tool,
            "calls": len(rows),
            "succeeded": share(sum(row["success"] is True for row in rows), sum(row["ran"] is True for row in rows)),
            "median_ms": near([row["duration_ms"] for row in rows], 0.5),
        }
        for (tool,), rows in found
    ]


def tools(month):
    """Tools, and how often a call was rejected."""
    calls = groups(month.ledger.tools, "tool")
    return [
        {
            **row,
            "rejected": share(
                sum(call["decision"] == "rejected" for call in calls[row["tool"],]), sum(call["decision"] is not None for call in calls[row["tool"],])
            ),
        }
        for row in used_tools(month, 15)
    ]

"""The tiles of the dashboard of telemetry coverage, counted a second time from the rows of the view."""

from tests.e2e.second_count import groups, share, total


def _reported(rows):
    return share(total(rows, "gateway_tokens_reported"), total(rows, "gateway_tokens"))


def totals(month):
    """The cards."""
    rows = month.ledger.coverage
    return [
        {
            "reported": _reported(rows),
            "bypassed": share(total(rows, "client_tokens_bypassed"), total(rows, "client_tokens")),
            "bypassed_tokens": total(rows, "client_tokens_bypassed"),
            "failed": total(rows, "client_requests_failed"),
            "users": len({row["user"] for row in rows} - {None}),
            "users_reporting": len({row["user"] for row in rows if (row["gateway_requests_reported"] or 0) > 0} - {None}),
        }
    ]


def days(month):
    """Tokens by whether they were reported, and day."""
    found = []
    for (day,), rows in groups(month.ledger.coverage, "bucket").items():
        passed, reported = total(rows, "gateway_tokens"), total(rows, "gateway_tokens_reported")
        missing = None if passed is None or reported is None else passed - reported
        of_day = {"reported": reported, "not reported": missing, "past the gateway": total(rows, "client_tokens_bypassed")}
        found += [{"bucket": day, "kind": kind, "tokens": tokens} for kind, tokens in of_day.items() if tokens is not None]
    return found


def agents(month):
    """What was reported, by agent."""
    return [{"agent": agent, "reported": _reported(rows)} for (agent,), rows in groups(month.ledger.coverage, "agent").items()]


def gaps(month):
    """People whose agents reported less than half."""
    found = [
        {
            "user": user,
            "agent": agent,
            "requests": total(rows, "gateway_requests"),
            "reported": _reported(rows),
            "missing": (total(rows, "gateway_tokens") or 0) - (total(rows, "gateway_tokens_reported") or 0),
        }
        for (user, agent), rows in groups(month.ledger.coverage, "user", "agent").items()
    ]
    less = [row for row in found if row["reported"] is not None and row["reported"] < 0.5]
    return sorted(less, key=lambda row: -row["missing"])[:50]


def bypassed(month):
    """What clients report and no exchange is."""
    named = [{**row, "user": row["user"] or "not known"} for row in month.ledger.coverage]
    found = [
        {
            "user": user,
            "agent": agent,
            "requests": total(rows, "client_requests_bypassed"),
            "tokens": total(rows, "client_tokens_bypassed"),
            "share": share(total(rows, "client_tokens_bypassed"), total(rows, "client_tokens")),
        }
        for (user, agent), rows in groups(named, "user", "agent").items()
    ]
    return sorted((row for row in found if row["tokens"]), key=lambda row: -row["tokens"])[:50]

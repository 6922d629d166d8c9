"""The tiles of the dashboard of performance, counted a second time."""

from tests.e2e.second_count import NOT_OURS, groups, near, share


def _speed(row):
    took = (row["latency_ms"] or 0) - (row["time_to_first_byte_ms"] or 0)
    return row["output_tokens"] * 1000 / took if took and row["output_tokens"] is not None and row["time_to_first_byte_ms"] is not None else None


def _completed(rows):
    return [row for row in rows if row["ended"] == "completed"]


def _failed(rows):
    asked = [row for row in rows if row["ended"] not in {"refused", "client_gone"}]
    return share(sum(row["ended"] in NOT_OURS for row in asked), len(asked))


def origin(row):
    """What an error came from, by the table of errors in docs/errors.md."""
    ended, code, status = row["ended"], row["error_code"] or "", row["status_code"]
    if ended == "refused":
        kinds = {"limit": "our limit", "budget": "our budget"}
        return kinds.get(code.partition("_")[0]) or ("our permission" if code == "permission_missing" else "refused otherwise")
    if ended != "failed":
        return {"completed": None, "client_gone": "client gone"}.get(ended, ended)
    if not row["tries"] or row["tries"][-1]["status_code"] is None:
        return "no answer"
    return "provider 429" if status == 429 else "provider 4xx" if 400 <= status < 500 else "provider 5xx"


def totals(month):
    """The cards of waits and failures."""
    rows = month.rows
    return [
        {
            "first_byte": near([row["time_to_first_byte_ms"] for row in rows], 0.5),
            "latency": near([row["latency_ms"] for row in rows], 0.5),
            "failed": _failed(rows),
            "gone": f"{sum(row['ended'] == 'client_gone' for row in rows)} clients gone",
        }
    ]


def speed_and_tries(month):
    """The cards of speed, limits and tries."""
    rows = month.rows
    again = [row for row in rows if len(row["tries"]) > 1]
    limited = [row for row in rows if row["status_code"] == 429]
    return [
        {
            "speed": near([_speed(row) for row in _completed(rows) if row["stream"]], 0.5),
            "limited": len(limited),
            "limited_by": f"{sum(row['ended'] == 'failed' for row in limited)} by the provider",
            "again": len(again),
            "saved": f"{len(_completed(again))} completed",
            "again_before": len([row for row in month.before if len(row["tries"]) > 1]),
        }
    ]


def _shares(rows, column, quantiles):
    return [
        {"bucket": bucket, "share": name, "wait_ms": near([row[column] for row in found], quantile)}
        for (bucket,), found in groups(rows, "bucket").items()
        for name, quantile in quantiles.items()
    ]


SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def first_byte(month):
    """Percentiles of the first byte by day."""
    return _shares([row for row in month.rows if row["tries"]], "time_to_first_byte_ms", SHARES)


def latency(month):
    """Percentiles of the last byte by day."""
    return _shares(_completed(month.rows), "latency_ms", SHARES)


def models(month):
    """Models compared."""
    found = groups([row for row in month.rows if row["provider"]], "model", "provider")
    return [
        {
            "model": model,
            "provider": provider,
            "requests": len(rows),
            **{f"first_{name}": near([row["time_to_first_byte_ms"] for row in _completed(rows)], at) for name, at in SHARES.items()},
            **{f"last_{name}": near([row["latency_ms"] for row in _completed(rows)], at) for name, at in SHARES.items()},
            "speed": near([_speed(row) for row in _completed(rows) if row["stream"]], 0.5),
            "failed": _failed(rows),
        }
        for (model, provider), rows in found.items()
    ]


def first_byte_models(month):
    """p95 by model and day."""
    found = groups(_completed(month.rows), "bucket", "model")
    return [
        {"bucket": day, "model": model, "wait_ms": near([row["time_to_first_byte_ms"] for row in rows], 0.95)} for (day, model), rows in found.items()
    ]


def speed(month):
    """Tokens a second by model and day."""
    found = groups([row for row in _completed(month.rows) if row["stream"]], "bucket", "model")
    return [{"bucket": day, "model": model, "speed": near([_speed(row) for row in rows], 0.5)} for (day, model), rows in found.items()]


def _by_origin(rows):
    for row in rows:
        row["origin"] = origin(row)
    found = groups([row for row in rows if row["origin"]], "bucket", "origin")
    return [{"bucket": day, "origin": name, "requests": len(each)} for (day, name), each in found.items()]


def origins(month):
    """Errors by origin and day."""
    return _by_origin(month.rows)


def limited(month):
    """429 by origin and day."""
    return _by_origin([row for row in month.rows if row["status_code"] == 429])


def providers(month):
    """Failed tries by provider and day."""
    tries = [
        {"bucket": row["bucket"], "provider": each["destination"], "status": each["status_code"], "cut": row["ended"] == "cut"}
        for row in month.rows
        for each in row["tries"]
        if each["action"] in {None, "retry", "fallback"}
    ]

    def bad(each):
        status = each["status"]
        return status is None or status >= 500 or status == 429 or (each["cut"] and status < 400)

    return [
        {"bucket": day, "provider": name, "tries": len(found), "failed": sum(bad(each) for each in found) / len(found)}
        for (day, name), found in groups(tries, "bucket", "provider").items()
    ]


def codes(month):
    """Errors by code."""
    wrong = [{**row, "origin": origin(row), "code": row["error_code"] or row["ended"], "status": str(row["status_code"])} for row in month.rows]
    return [
        {"origin": where, "code": code, "status": status, "requests": len(rows), "users": len({row["user"] for row in rows})}
        for (where, code, status), rows in groups([row for row in wrong if row["origin"]], "origin", "code", "status").items()
    ]


def tries(month):
    """Retries and fallbacks."""
    found = groups(
        [
            {"action": each["action"], "target": each["destination_id"], "status": each["status_code"], "row": row}
            for row in month.rows
            for each in row["tries"]
            if each["action"]
        ],
        "action",
        "target",
    )
    return [
        {
            "action": action.replace("_", " "),
            "target": target,
            "tries": len(each),
            "answered": sum((one["status"] or 599) < 400 for one in each),
            "completed": len({one["row"]["request_id"] for one in each if one["row"]["ended"] == "completed"}),
        }
        for (action, target), each in found.items()
    ]


def overhead(month):
    """The time before the first try."""
    rows = [
        {**row, "before": (row["tries"][0]["start_time"] - row["event_time"]).total_seconds() * 1000}
        for row in month.rows
        if row["tries"] and row["tries"][0]["start_time"]
    ]
    return _shares(rows, "before", {"p50": 0.5, "p95": 0.95, "p99": 0.99})


def slowest(month):
    """The slowest requests."""
    ordered = sorted((row for row in month.rows if row["latency_ms"] is not None), key=lambda row: (-row["latency_ms"], row["request_id"]))
    return [{name: row[name] for name in ("request_id", "latency_ms", "time_to_first_byte_ms", "user", "model", "ended")} for row in ordered[:20]]

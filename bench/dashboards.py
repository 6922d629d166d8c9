"""Five questions that a dashboard asks of the usage table, through the statement interface and the query workers of a running gateway."""

import time
from pathlib import Path

from bench import usage_rows
from bench.otlp import admin, sql
from bench.peers import headgate

_USAGE = "system.ai_gateway.usage"
QUERIES = {
    "tokens by day and model, 7 days": f"SELECT date(event_time) AS day, model_served, sum(total_tokens) AS tokens, sum(charge) AS usd FROM {_USAGE} "
    "WHERE event_time >= current_timestamp() - INTERVAL 7 DAYS GROUP BY ALL ORDER BY ALL",
    "top users, 30 days": f"SELECT requester, sum(total_tokens) AS tokens, count(*) AS asked FROM {_USAGE} "
    "WHERE event_time >= current_timestamp() - INTERVAL 30 DAYS GROUP BY requester ORDER BY tokens DESC LIMIT 20",
    "median and p95 latency by hour, 1 day": f"SELECT date_trunc('hour', event_time) AS hour, percentile_approx(latency_ms, 0.5) AS p50, "
    f"percentile_approx(latency_ms, 0.95) AS p95 FROM {_USAGE} WHERE event_time >= current_timestamp() - INTERVAL 1 DAY GROUP BY ALL ORDER BY ALL",
    "distinct users by day, 30 days": f"SELECT date(event_time) AS day, count(DISTINCT requester) AS users FROM {_USAGE} "
    "WHERE event_time >= current_timestamp() - INTERVAL 30 DAYS GROUP BY ALL ORDER BY ALL",
    "errors by status, 1 hour": f"SELECT status_code, count(*) AS failed FROM {_USAGE} "
    "WHERE event_time >= current_timestamp() - INTERVAL 1 HOUR AND status_code >= 400 GROUP BY ALL ORDER BY ALL",
}
_ROUNDS = 7


def dashboards(folder: Path, rows: int, ports: tuple[int, int]) -> dict[str, float]:
    """The median time of each question, warm, in milliseconds: from the request to the last byte of its answer."""
    usage_rows.write(folder / "data", rows)
    peer = headgate(ports[1], ports[0], folder)
    try:
        root = admin(peer, folder)
        found = int(str(sql(root, f"SELECT count(*) FROM {_USAGE}")))
        if found != rows:
            raise RuntimeError(f"{found} rows of {rows}")
        return {name: _median_ms(lambda text=text: sql(root, text)) for name, text in QUERIES.items()}  # type: ignore[misc]
    finally:
        peer.stop()


def _median_ms(ask: object) -> float:
    took = []
    for _ in range(_ROUNDS + 1):
        began_s = time.perf_counter()
        ask()  # type: ignore[operator]
        took.append((time.perf_counter() - began_s) * 1000)
    return sorted(took[1:])[_ROUNDS // 2]

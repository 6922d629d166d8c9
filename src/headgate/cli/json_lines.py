"""The lines of standard output as JSON, for programs: one object per line; `event` names its kind. Pure formatting.

The other names and their meanings are those of the usage table's columns.
"""

import datetime as dt
import json

from headgate.app.options import Ready
from headgate.core.record import Outcome
from headgate.metering.bill import bill
from headgate.metering.price import RatesOf


def ready_line(ready: Ready, started_in_s: float, now_ns: int) -> str:
    """The gateway serves. No secret is in it."""
    return _line(
        now_ns,
        "listening",
        url=ready.public_url or ready.url,
        started_in_s=round(started_in_s, 3),
        data=ready.data_dir,
        config=ready.config_path,
        providers=[name for name, _, _ in ready.providers],
        endpoints=ready.endpoints,
        connections_max=ready.connections_max,
        notes=ready.notes,
    )


def exchange_line(outcome: Outcome, prices: RatesOf | None) -> str:
    """An exchange has ended. Unknown values are null; so is the charge while prices are being loaded."""
    intent, usage = outcome.intent, outcome.usage
    counts = usage.totals if usage is not None else None
    charge = bill(outcome, prices).charge if prices is not None else None
    return _line(
        outcome.ended_at_ns,
        "exchange",
        request_id=intent.request_id,
        status_code=outcome.status_code or None,
        ended=outcome.ended,
        requester=intent.requester,
        endpoint_name=intent.endpoint or None,
        model_asked=intent.model_asked or None,
        model_served=outcome.model_served or None,
        agent=intent.agent or None,
        session_id=intent.session_id or None,
        input_tokens=counts.all_input_tokens if counts is not None else None,
        cache_read_tokens=counts.cache_read_tokens if counts is not None else None,
        output_tokens=counts.output_tokens if counts is not None else None,
        usage_estimated=usage is not None and usage.estimated,
        charge=float(charge) if charge is not None else None,
        time_to_first_byte_ms=outcome.time_to_first_byte_ms or None,
        latency_ms=outcome.latency_ms,
        error_code=outcome.error_code or None,
        error_message=outcome.error_message or None,
    )


def left_out_line(count: int, now_ns: int) -> str:
    """More exchanges have ended than are printed at once."""
    return _line(now_ns, "exchanges_left_out", count=count)


def _line(at_ns: int, event: str, **found: object) -> str:
    at = dt.datetime.fromtimestamp(at_ns / 1e9, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": at, "event": event, **found})

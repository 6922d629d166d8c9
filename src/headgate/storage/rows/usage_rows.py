"""Outcomes as rows of `system.ai_gateway.usage`: the one place that knows which field of a record becomes which column.

Built column by column and structs from their children, several times cheaper than row by row. Empty text becomes NULL: a record writes "" where
nothing is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate, chain

import pyarrow as pa
from deltalake import Schema

from headgate.catalog.types import to_delta_json
from headgate.catalog.usage_table import USAGE, USAGE_SCHEMA_VERSION
from headgate.core.record import AttemptRecord, Outcome
from headgate.core.usage import Counts, Usage
from headgate.metering.bill import CHARGE_DIGIT, CHARGE_MAX, Bill, bill
from headgate.metering.price import RatesOf
from headgate.storage.journal.charge_sums import ChargeSum, SumKey
from headgate.storage.journal.fold import INTERRUPTED
from headgate.storage.journal.record_codec import within_bigint
from headgate.storage.rows.usage_lines import UsageLines, rates_array

_NOTHING = Usage()
_NS_PER_US = 1000


class UsageRows:
    """Makes Arrow tables of outcomes. Holds the schema, which is worth making once."""

    def __init__(self, rates_of: RatesOf) -> None:
        self.schema: pa.Schema = pa.schema(Schema.from_json(to_delta_json(USAGE.schema)).to_arrow())
        self._rates_of = rates_of
        self._lines = UsageLines(self._type("usage_lines"))

    def table(self, outcomes: Sequence[Outcome]) -> pa.Table:
        """The rows of these outcomes, in order. Raises `ValueError`, `TypeError` or `OverflowError` if one of them fits no row."""
        values = dict(_columns(outcomes))
        arrays = {field.name: pa.array(values[field.name], field.type) for field in self.schema if field.name in values}
        bills = [bill(outcome, self._rates_of) for outcome in outcomes]
        arrays |= self._priced(bills)
        arrays |= self._nested(outcomes, arrays)
        arrays["usage_lines"] = self._lines.of(outcomes, bills, arrays)
        whole = [arrays.get(field.name) for field in self.schema]
        whole = [pa.nulls(len(outcomes), field.type) if array is None else array for field, array in zip(self.schema, whole, strict=True)]
        return pa.Table.from_arrays(whole, schema=self.schema)

    def fitting(self, outcomes: Sequence[Outcome]) -> tuple[pa.Table, list[str]]:
        """The rows of those outcomes that fit one, numbers cut to what a column holds where need be, and the request ids of the others."""
        try:
            return self.table(outcomes), []
        except (ValueError, TypeError, OverflowError):
            pass
        fit, others = [], []
        for outcome in map(within_bigint, outcomes):
            try:
                self.table([outcome])
            except (ValueError, TypeError, OverflowError):
                others.append(outcome.intent.request_id)
            else:
                fit.append(outcome)
        return self.table(fit), others

    def _priced(self, bills: Sequence[Bill]) -> dict[str, pa.Array]:
        return {
            "charge": pa.array([one.charge for one in bills], self._type("charge")),
            "charge_status": pa.array([one.status for one in bills]),
            "list_charge": pa.array([one.list_charge for one in bills], self._type("list_charge")),
            "rates": rates_array([one.rates for one in bills], self._type("rates")),
        }

    def _nested(self, outcomes: Sequence[Outcome], flat: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
        written = [_sum(counts.cache_write_5m_tokens, counts.cache_write_1h_tokens) for counts in map(_totals, outcomes)]
        parents = [outcome.intent.parent_subagent_id or None for outcome in outcomes]
        details = [flat["cache_read_tokens"], pa.array(written, pa.int64()), flat["reasoning_tokens"]]
        session = [flat[name] for name in ("session_id", "subagent_id", "agent", "agent_version", "surface")]
        session.insert(2, pa.array(parents, pa.string()))
        return {
            "token_details": self._struct("token_details", details),
            "session_metadata": self._struct("session_metadata", session),
            "budgets": self._budgets(outcomes),
            "routing_information": self._struct("routing_information", [self._attempts(outcomes)]),
            "request_tags": self._map("request_tags", [outcome.intent.request_tags for outcome in outcomes]),
            "endpoint_tags": self._map("endpoint_tags", [outcome.intent.endpoint_tags for outcome in outcomes]),
        }

    def _attempts(self, outcomes: Sequence[Outcome]) -> pa.Array:
        of = self._type("routing_information").field("attempts").type
        attempts = [_attempt(priority, one) for outcome in outcomes for priority, one in enumerate(outcome.attempts)]
        return pa.ListArray.from_arrays(_offsets(len(outcome.attempts) for outcome in outcomes), pa.array(attempts, of.value_type), type=of)

    def _budgets(self, outcomes: Sequence[Outcome]) -> pa.Array:
        of = self._type("budgets")
        marks = [
            {"name": mark.name, "action": mark.action or None, "unpriced": mark.unpriced or None} for each in outcomes for mark in each.intent.budgets
        ]
        return pa.ListArray.from_arrays(_offsets(len(each.intent.budgets) for each in outcomes), pa.array(marks, of.value_type), type=of)

    def _struct(self, name: str, children: list[pa.Array]) -> pa.Array:
        return pa.StructArray.from_arrays(children, fields=list(self._type(name)))

    def _map(self, name: str, values: Sequence[Mapping[str, str]]) -> pa.Array:
        keys = pa.array(chain.from_iterable(values), pa.string())
        items = pa.array(chain.from_iterable(one.values() for one in values), pa.string())
        return pa.MapArray.from_arrays(_offsets(map(len, values)), keys, items, type=self._type(name))

    def _type(self, name: str) -> pa.DataType:
        return self.schema.field(name).type


def charges_of(rows: pa.Table) -> list[tuple[SumKey, ChargeSum]]:
    """The sums of some rows of the usage table, by endpoint, provider and charge status."""
    sums = rows.group_by(["endpoint_name", "destination_name", "charge_status"]).aggregate([("charge", "sum"), ([], "count_all")])
    return [
        (
            SumKey(one["endpoint_name"] or "", one["destination_name"] or "", one["charge_status"] or ""),
            ChargeSum(one["count_all"], one["charge_sum"] or Decimal(0)),
        )
        for one in sums.to_pylist()
    ]


def _columns(outcomes: Sequence[Outcome]) -> Iterable[tuple[str, list[object]]]:
    intents = [outcome.intent for outcome in outcomes]
    usages = [outcome.usage or _NOTHING for outcome in outcomes]
    totals = [usage.totals for usage in usages]
    yield "schema_version", [USAGE_SCHEMA_VERSION] * len(outcomes)
    yield from ((name, [getattr(intent, field) or None for intent in intents]) for name, field in _INTENT_TEXTS)
    yield from ((name, [getattr(outcome, name) or None for outcome in outcomes]) for name in _OUTCOME_TEXTS)
    yield from ((name, [getattr(counts, field) for counts in totals]) for name, field in _COUNTS)
    all_input = [counts.all_input_tokens for counts in totals]
    yield "input_tokens", list(all_input)
    yield "total_tokens", [_sum(count, counts.output_tokens) for count, counts in zip(all_input, totals, strict=True)]
    yield "service_tier", [usage.tier or None for usage in usages]
    yield "charge_reported", [_charge(usage.charge_reported) for usage in usages]
    yield "usage_estimated", [None if outcome.usage is None else outcome.usage.estimated for outcome in outcomes]
    yield "event_time", [intent.started_at_ns // _NS_PER_US for intent in intents]
    yield "destination_type", ["EXTERNAL_MODEL" if intent.provider else None for intent in intents]
    yield "status_code", [outcome.status_code or None for outcome in outcomes]
    yield "latency_ms", [None if outcome.ended == INTERRUPTED else outcome.latency_ms for outcome in outcomes]
    yield "time_to_first_byte_ms", [outcome.time_to_first_byte_ms if outcome.status_code else None for outcome in outcomes]
    yield "response_bytes", [None if outcome.ended == INTERRUPTED else outcome.response_bytes for outcome in outcomes]
    yield "request_bytes", [intent.request_bytes for intent in intents]
    yield "traffic_percent", [next((one.traffic_percent for one in outcome.attempts if one.tried), None) for outcome in outcomes]
    yield "translation_losses", [[{"what": each.what, "why": each.why} for each in outcome.losses] or None for outcome in outcomes]
    yield "stream", [intent.stream for intent in intents]


_INTENT_TEXTS = (
    ("request_id", "request_id"),
    ("endpoint_name", "endpoint"),
    ("destination_name", "provider"),
    ("destination_model", "model_sent"),
    ("requester", "requester"),
    ("requester_type", "requester_type"),
    ("ip_address", "ip_address"),
    ("url", "path"),
    ("user_agent", "user_agent"),
    ("api_type", "api_type"),
    ("agent", "agent"),
    ("agent_version", "agent_version"),
    ("surface", "surface"),
    ("session_id", "session_id"),
    ("subagent_id", "subagent_id"),
    ("turn_id", "turn_id"),
    ("model_asked", "model_asked"),
    ("model_sent", "model_sent"),
    ("client_request_id", "client_request_id"),
    ("trace_id", "trace_id"),
    ("token_id", "token_id"),
    ("principal_id", "principal_id"),
    ("dialect", "dialect"),
    ("provider_dialect", "provider_dialect"),
    ("paid_by", "paid_by"),
    ("downgraded_from", "downgraded_from"),
)

_OUTCOME_TEXTS = (
    "response_content_type",
    "model_served",
    "ended",
    "error_code",
    "error_message",
    "upstream_request_id",
    "finish_reason",
    "response_id",
    "translated_to",
)

_COUNTS = (
    ("output_tokens", "output_tokens"),
    ("fresh_input_tokens", "input_tokens"),
    ("cache_read_tokens", "cache_read_tokens"),
    ("cache_write_5m_tokens", "cache_write_5m_tokens"),
    ("cache_write_1h_tokens", "cache_write_1h_tokens"),
    ("reasoning_tokens", "reasoning_tokens"),
)


def _totals(outcome: Outcome) -> Counts:
    return (outcome.usage or _NOTHING).totals


def _charge(reported: float | None) -> Decimal | None:
    if reported is None:
        return None
    exact = Decimal(repr(reported)).quantize(CHARGE_DIGIT)
    return exact if exact <= CHARGE_MAX else None


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _offsets(lengths: Iterable[int]) -> pa.Array:
    return pa.array(accumulate(lengths, initial=0), pa.int32())


def _attempt(priority: int, attempt: AttemptRecord) -> dict[str, object]:
    started_us = attempt.started_at_ns // _NS_PER_US or None
    return {
        "priority": priority,
        "action": attempt.action or None,
        "destination": attempt.provider or None,
        "destination_id": f"{attempt.provider}/{attempt.model}" if attempt.provider else None,
        "status_code": attempt.status_code or None,
        "error_code": attempt.error_code or None,
        "latency_ms": attempt.latency_ms,
        "start_time": started_us,
        "end_time": None if started_us is None else started_us + attempt.latency_ms * _NS_PER_US,
    }

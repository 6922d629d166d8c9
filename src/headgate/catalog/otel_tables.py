"""The OpenTelemetry tables as data: the exact columns of metrics, logs and spans in schema versions v1 and v2, and which of them a table's schema is.

v1 is the page's own DDL. v2 puts `record_id, time, date, service_name` in front, hoists the metrics' times, and keeps attribute bags as VARIANT.
"""

import functools

import msgspec

from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Field, Structure

METRICS = "metrics"
LOGS = "logs"
SPANS = "spans"
SIGNALS = (METRICS, LOGS, SPANS)
VERSIONS = ("v1", "v2")
VERSION_PROPERTY = "otel.schemaVersion"

_BAG = "map<string,string>"
_EXEMPLARS = f"array<struct<time_unix_nano:bigint,value:double,span_id:string,trace_id:string,filtered_attributes:{_BAG}>>"
_TIMES = "start_time_unix_nano:bigint,time_unix_nano:bigint,"
_BUCKET = "struct<offset:int,bucket_counts:array<bigint>>"
_RESOURCE = f"resource: struct<attributes:{_BAG},dropped_attributes_count:int>, resource_schema_url: string"
_SCOPE = f"instrumentation_scope: struct<name:string,version:string,attributes:{_BAG},dropped_attributes_count:int>"

_V1 = {
    METRICS: f"""
        name: string, description: string, unit: string, metric_type: string,
        gauge: struct<{_TIMES}value:double,exemplars:{_EXEMPLARS},attributes:{_BAG},flags:int>,
        sum: struct<{_TIMES}value:double,exemplars:{_EXEMPLARS},attributes:{_BAG},flags:int,aggregation_temporality:string,is_monotonic:boolean>,
        histogram: struct<{_TIMES}count:bigint,sum:double,bucket_counts:array<bigint>,explicit_bounds:array<double>,exemplars:{_EXEMPLARS},
            attributes:{_BAG},flags:int,min:double,max:double,aggregation_temporality:string>,
        exponential_histogram: struct<attributes:{_BAG},{_TIMES}count:bigint,sum:double,scale:int,zero_count:bigint,
            positive_bucket:{_BUCKET},negative_bucket:{_BUCKET},flags:int,exemplars:{_EXEMPLARS},
            min:double,max:double,zero_threshold:double,aggregation_temporality:string>,
        summary: struct<{_TIMES}count:bigint,sum:double,quantile_values:array<struct<quantile:double,value:double>>,attributes:{_BAG},flags:int>,
        metadata: {_BAG},
        {_RESOURCE}, {_SCOPE}, metric_schema_url: string""",
    LOGS: f"""
        event_name: string, trace_id: string, span_id: string, time_unix_nano: bigint, observed_time_unix_nano: bigint,
        severity_number: string, severity_text: string, body: string, attributes: {_BAG}, dropped_attributes_count: int, flags: int,
        {_RESOURCE}, {_SCOPE}, log_schema_url: string""",
    SPANS: f"""
        trace_id: string, span_id: string, trace_state: string, parent_span_id: string, flags: int, name: string, kind: string,
        start_time_unix_nano: bigint, end_time_unix_nano: bigint, attributes: {_BAG}, dropped_attributes_count: int,
        events: array<struct<time_unix_nano:bigint,name:string,attributes:{_BAG},dropped_attributes_count:int>>, dropped_events_count: int,
        links: array<struct<trace_id:string,span_id:string,trace_state:string,attributes:{_BAG},dropped_attributes_count:int,flags:int>>,
        dropped_links_count: int, status: struct<message:string,code:string>,
        {_RESOURCE}, {_SCOPE}, span_schema_url: string""",
}
_V2_FIRST = "record_id: string, time: timestamp, date: date, service_name: string"
_CLUSTERING = {METRICS: "time,service_name", LOGS: "time,service_name", SPANS: "time,service_name,trace_id"}
# Statistics are kept for the leading columns only: nested maps and structs would double the size of Delta's log.
_INDEXED_COLUMNS = {METRICS: 6, LOGS: 5, SPANS: 9}


class OtelKind(msgspec.Struct, frozen=True):
    """Which signal and which schema version a table takes."""

    signal: str
    version: str


@functools.cache
def schema(signal: str, version: str = "v1") -> Structure:
    """The exact columns of a table, in order."""
    if version == "v1":
        return Structure(types.parse_columns(_V1[signal]))
    first = types.parse_columns(_V2_FIRST)
    rest = tuple(_as_v2(field) for field in schema(signal).fields)
    if signal == METRICS:
        rest = types.parse_columns(_TIMES.rstrip(",")) + tuple(_without_times(field) for field in rest)
    return Structure(first + rest)


def recognise(table: Structure) -> OtelKind | None:
    """The signal and version whose columns the table has, all of them with the same types; order, comments and nullability do not matter."""
    shape = _shape(table)
    for signal in SIGNALS:
        for version in VERSIONS:
            if _shape(schema(signal, version)) == shape:
                return OtelKind(signal, version)
    return None


def differences(table: Structure, kind: OtelKind) -> list[str]:
    """What keeps a table from being of this kind, in words, first things first."""
    want, have = _shape(schema(kind.signal, kind.version)), _shape(table)
    missing = [f"column {name} is missing ({types.text(want[name])})" for name in want if name not in have]
    wrong = [f"column {name} is {types.text(have[name])}, not {types.text(want[name])}" for name in want if name in have and have[name] != want[name]]
    return missing + wrong + [f"column {name} is not known" for name in have if name not in want]


def table_properties(signal: str, version: str = "v1") -> dict[str, str]:
    """The properties of a table that we create ourselves on first write."""
    own = {VERSION_PROPERTY: version, "delta.dataSkippingNumIndexedCols": str(_INDEXED_COLUMNS[signal])}
    return own if version == "v1" else own | {"delta.checkpointPolicy": "classic", "headgate.clusteringColumns": _CLUSTERING[signal]}


def creation(name: Name, signal: str, version: str = "v1") -> CreateTable:
    """The statement that creates the table."""
    return CreateTable(name=name, schema=schema(signal, version), properties=table_properties(signal, version), if_not_exists=True)


def ddl(name: Name, signal: str, version: str = "v1") -> str:
    """The DDL to run for a table that a client exports to and that does not exist: the text of a 404."""
    columns = ",\n  ".join(f"{field.name} {types.sql(field.type)}" for field in schema(signal, version).fields)
    return f"CREATE TABLE IF NOT EXISTS {name.sql} (\n  {columns}\n) USING DELTA TBLPROPERTIES ('{VERSION_PROPERTY}' = '{version}')"


def _shape(table: Structure) -> dict[str, types.Type]:
    return {field.name.lower(): _bare(field.type) for field in table.fields}


def _bare(kind: types.Type) -> types.Type:
    """The type without comments and nullability."""
    match kind:
        case types.Structure(fields):
            return Structure(tuple(Field(field.name.lower(), _bare(field.type)) for field in fields))
        case types.Array(element):
            return types.Array(_bare(element))
        case types.Map(key, value):
            return types.Map(_bare(key), _bare(value))
        case _:
            return kind


_VARIANT = types.Primitive("variant")
_STRING_BAG = types.Map(types.Primitive("string"), types.Primitive("string"))


def _as_v2(field: Field) -> Field:
    """Attribute bags, log bodies and metric metadata become VARIANT."""
    if field.name == "body":
        return Field(field.name, _VARIANT)
    return Field(field.name, _variant_bags(field.type))


def _variant_bags(kind: types.Type) -> types.Type:
    if kind == _STRING_BAG:
        return _VARIANT
    match kind:
        case types.Structure(fields):
            return Structure(tuple(Field(field.name, _variant_bags(field.type)) for field in fields))
        case types.Array(element):
            return types.Array(_variant_bags(element))
        case _:
            return kind


def _without_times(field: Field) -> Field:
    """A metric's point struct without the two times that are columns; exemplars keep theirs."""
    if not isinstance(field.type, Structure):
        return field
    kept = tuple(part for part in field.type.fields if part.name not in {"start_time_unix_nano", "time_unix_nano"})
    return Field(field.name, Structure(kept))

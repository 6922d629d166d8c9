"""Random OTLP messages become the same rows by the columnar decoder and by the plain one, and by JSON and protobuf."""

import base64
import itertools
import json
import struct

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from headgate.catalog.otel_tables import OtelKind
from headgate.storage.otlp import otel_rows
from headgate.storage.otlp.otel_rows import Payload
from headgate.telemetry.otlp import export_body
from headgate.telemetry.otlp.wire import varint
from tests.fakes import otlp_rows, variant
from tests.fakes.examples import examples

REQUESTS = {"metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest, "spans": ExportTraceServiceRequest}
KEYS = ["a", "b", "event.name", "service.name", "über", "x" * 130]
VARIANT_COLUMNS = {"attributes", "filtered_attributes", "body", "metadata"}


@st.composite
def messages(draw, signal):
    """A message with every field set or not, few distinct attributes so that keys and values repeat."""
    message = REQUESTS[signal]()
    _fill(draw, message, 0)
    return message


def _fill(draw, message, depth):
    for field in message.DESCRIPTOR.fields:
        if field.name.endswith("_strindex") or field.name == "entity_refs" or not draw(st.integers(0, 3)):
            continue
        if field.is_repeated:
            for _ in range(draw(st.integers(0, 3 if depth < 9 else 0))):
                if field.message_type:
                    _fill(draw, getattr(message, field.name).add(), depth + 1)
                else:
                    getattr(message, field.name).append(draw(_scalar(field)))
        elif field.message_type:
            if depth < 9:
                getattr(message, field.name).SetInParent()
                _fill(draw, getattr(message, field.name), depth + 1)
        else:
            setattr(message, field.name, draw(_scalar(field)))


def _scalar(field):
    if field.name == "key":
        return st.sampled_from(KEYS)
    if field.name.endswith("time_unix_nano"):
        return st.sampled_from([0, 1, 1763980000000000000, 1763980000000000001])
    if field.enum_type:
        return st.integers(0, 5)
    strategies = {
        field.CPPTYPE_STRING: st.text(max_size=5) | st.text(min_size=120, max_size=140) if field.type == field.TYPE_STRING else st.binary(max_size=5),
        field.CPPTYPE_DOUBLE: st.floats(),
        field.CPPTYPE_BOOL: st.booleans(),
        field.CPPTYPE_INT32: st.integers(-(1 << 31), (1 << 31) - 1),
        field.CPPTYPE_UINT32: st.integers(0, (1 << 32) - 1),
        field.CPPTYPE_INT64: st.integers(-(1 << 63), (1 << 63) - 1),
        field.CPPTYPE_UINT64: st.integers(0, (1 << 64) - 1),
    }
    return strategies[field.cpp_type]


def _canonical(rows):
    return sorted(repr(_sorted(row)) for row in rows)


def _sorted(value):
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value)}
        case list():
            return [_sorted(item) for item in value]
        case _:
            return value


def _plain_v2(row):
    return {key: _decoded(key, value) for key, value in row.items() if key not in {"record_id", "time", "date"}}


def _decoded(key, value):
    if key in VARIANT_COLUMNS and isinstance(value, dict) and set(value) == {"metadata", "value"}:
        return variant.decode(value["metadata"], value["value"])
    match value:
        case dict():
            return {name: _decoded(name, item) for name, item in value.items()}
        case list():
            return [_decoded("", item) for item in value]
        case _:
            return value


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("signal", list(REQUESTS))
@examples(60)
@given(data=st.data())
def test_the_columnar_decoder_agrees_with_the_plain_one(signal, version, data):
    """Every value of every column, for batches of several messages with several times of arrival."""
    found = data.draw(st.lists(messages(signal), max_size=3))
    payloads = [Payload(message.SerializeToString(), 1_700_000_000_000_000_000 + place) for place, message in enumerate(found)]

    got = otel_rows.decode(OtelKind(signal, version), payloads)

    rows = got.to_pylist() if version == "v1" else [_plain_v2(row) for row in got.to_pylist()]
    assert _canonical(rows) == _canonical(otlp_rows.rows(signal, payloads, version))


_POINT_FIELDS = (
    [struct.pack("<BQ", tag, time_ns) for tag in (0x11, 0x19) for time_ns in (0, 5, 1763980000000000000)]
    + [struct.pack("<Bd", 0x21, number) for number in (0.0, -1.5)]
    + [struct.pack("<Bq", 0x31, number) for number in (0, -7, 1 << 60)]
    + [b"\x3a\x05\x0a\x01a\x12\x00", b"\x3a\x07\x0a\x01b\x12\x02\x0a\x00", b"\x3a\x00", b"\x2a\x09\x11" + bytes(8), b"\x40\x00", b"\x40\x03"]
    + [b"\xba\x00\x00", b"\x78\x01", b"\x7a\x01x"]  # a tag longer than it must be; fields that nobody knows
)
_HEADS = [b"".join(fields) for fields in itertools.product(_POINT_FIELDS[:3], _POINT_FIELDS[3:6], _POINT_FIELDS[6:11])]


@given(
    points=st.lists(
        st.tuples(st.sampled_from([*_HEADS, b""]), st.lists(st.sampled_from(_POINT_FIELDS), max_size=5)).map(
            lambda parts: parts[0] + b"".join(parts[1])
        ),
        max_size=6,
    )
)
@examples(300)
def test_points_may_be_laid_out_in_any_way(points):
    """Whatever order their fields have, however often they come, and whatever points came before."""
    payloads = [Payload(_wire(points), 9)]
    assert export_body.validate("metrics", payloads[0].body).accepted == len(points)

    got = otel_rows.decode(OtelKind("metrics", "v1"), payloads)

    assert _canonical(got.to_pylist()) == _canonical(otlp_rows.rows("metrics", payloads, "v1"))


def _wire(points):
    """The request with these very bytes: metric 1, name 1, sum 7, data points 1."""
    metric = b"\x0a\x01m" + _field(0x3A, b"".join(_field(0x0A, point) for point in points))
    return _field(0x0A, _field(0x12, _field(0x12, metric)))


def _field(tag, body):
    return bytes((tag,)) + varint(len(body)) + body


def _hex_ids(value):
    """Protobuf's JSON with ids in hex, as OTLP writes it."""
    match value:
        case dict():
            return {
                key: base64.b64decode(item).hex() if key in {"traceId", "spanId", "parentSpanId"} else _hex_ids(item) for key, item in value.items()
            }
        case list():
            return [_hex_ids(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize("signal", list(REQUESTS))
@examples(60)
@given(data=st.data())
def test_json_and_protobuf_give_the_same_rows(signal, data):
    """Both encodings of one message, down to the last attribute."""
    message = data.draw(messages(signal))
    body = json.dumps(_hex_ids(json_format.MessageToDict(message, use_integers_for_enums=True))).encode()

    from_json = export_body.read(signal, "application/json", body)

    kind = OtelKind(signal, "v1")
    direct = otel_rows.decode(kind, [Payload(message.SerializeToString(), 7)])
    assert _canonical(otel_rows.decode(kind, [Payload(from_json.payload, 7)]).to_pylist()) == _canonical(direct.to_pylist())
    assert from_json.accepted == export_body.validate(signal, message.SerializeToString()).accepted == direct.num_rows

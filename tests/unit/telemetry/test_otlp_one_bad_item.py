"""One bad item never refuses its batch: in every signal, in both encodings, in resource and scope too."""

import json

import pytest
from google.protobuf import json_format

from headgate.core import json_reading
from headgate.core.errors import BadRequest
from headgate.telemetry.otlp import export_body, piecewise, which_signal
from headgate.telemetry.otlp.messages import REQUESTS, parse
from tests.fakes import exports

CUT = "caf\u00e9".encode()[:-1]
MARK = b"cafXX"  # stands where a text is cut within its last character
NAMES = {
    "logs": ("resourceLogs", "scopeLogs", "logRecords"),
    "spans": ("resourceSpans", "scopeSpans", "spans"),
    "metrics": ("resourceMetrics", "scopeMetrics", "metrics"),
}


def attribute(text):
    """One of a text."""
    return {"key": "k", "value": {"stringValue": text}}


def item(signal, text="good"):
    """An item of the signal that holds a text."""
    match signal:
        case "logs":
            return {"timeUnixNano": "5", "attributes": [attribute(text)]}
        case "spans":
            return {"name": "s", "startTimeUnixNano": "5", "traceId": "0a" * 16, "spanId": "0a" * 8, "attributes": [attribute(text)]}
        case _:
            return {"name": "m", "gauge": {"dataPoints": [{"asInt": "1", "timeUnixNano": "5", "attributes": [attribute(text)]}]}}


def batch(signal, items, resource="r", scope="s"):
    """An export as JSON."""
    resources, scopes, name = NAMES[signal]
    inside = {"scope": {"name": "n", "attributes": [attribute(scope)]}, name: items}
    return {resources: [{"resource": {"attributes": [attribute(resource)]}, scopes: [inside]}]}


def in_protobuf(value, signal):
    """The same in protobuf; its text `MARK` is cut within a character."""
    for entry in (found for found in walk(value) if isinstance(found, dict)):
        for name in ("traceId", "spanId"):
            if name in entry:
                entry[name] = "CgoKCgoKCgoKCgoKCgoKCg==" if name == "traceId" else "CgoKCgoKCgo="
    body = json_format.ParseDict(value, REQUESTS[signal]()).SerializeToString()
    return body.replace(MARK, b"caf" + CUT[3:] + b"\xff")


def walk(value):
    """Every value within."""
    yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inside)


@pytest.mark.parametrize("signal", list(NAMES))
@pytest.mark.parametrize("place", ["item", "resource", "scope"])
@pytest.mark.parametrize("encoding", [export_body.PROTOBUF, export_body.JSON])
def test_a_text_cut_within_a_character(signal, place, encoding):
    """Nine as they are, the tenth with U+FFFD."""
    cut = MARK.decode()
    items = [item(signal) for _ in range(9)] + [item(signal, cut if place == "item" else "good")]
    value = batch(signal, items, cut if place == "resource" else "r", cut if place == "scope" else "s")
    body = in_protobuf(value, signal) if encoding == export_body.PROTOBUF else json.dumps(value).encode().replace(MARK, CUT)
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    export = export_body.read(signal, encoding, body)
    assert (export.accepted, export.rejected, export.reason) == (10, 0, "")
    kept = str(parse(signal, export.payload))
    assert kept.count('"good"') == (9 if place == "item" else 10)
    assert "caf\ufffd" in kept
    assert which_signal.signal_of(encoding, body) == signal


@pytest.mark.parametrize("signal", list(NAMES))
@pytest.mark.parametrize(
    "bad", [rb'"\ud83d"', rb'"\udead\ud83dx"', b'"\x01"', b"NaN"], ids=["half a pair", "two halves", "a control character", "NaN"]
)
def test_odd_json_costs_itself_alone(signal, bad):
    """The others are as they are."""
    body = json.dumps(batch(signal, [item(signal), item(signal, "BAD")])).encode().replace(b'"BAD"', bad)
    export = export_body.read(signal, export_body.JSON, body)
    assert (export.accepted, export.rejected) == (2, 0)
    assert str(parse(signal, export.payload)).count('"good"') == 1
    assert which_signal.signal_of(export_body.JSON, body) == signal


BAD_ITEMS = {
    "logs": [{"traceId": "zz"}, {"timeUnixNano": str(1 << 64)}, {"timeUnixNano": -1}, 5, None, {"attributes": {}}, {"body": {"doubleValue": "much"}}],
    "spans": [{"traceId": "zz"}, {"spanId": "0"}, {"startTimeUnixNano": "soon"}, [], {"droppedAttributesCount": 1 << 40}],
    "metrics": [{"name": "m", "gauge": {"dataPoints": [{"timeUnixNano": "-1"}]}}, {"name": 5}, "x", {"name": "m", "sum": {"dataPoints": 1}}],
}


@pytest.mark.parametrize(("signal", "bad"), [(signal, bad) for signal, all_of in BAD_ITEMS.items() for bad in all_of], ids=str)
def test_an_item_of_json_that_cannot_be_read_is_reported(signal, bad):
    """Nine are kept, and the sender is told of the tenth; alone it is refused by name."""
    export = export_body.read(signal, export_body.JSON, json.dumps(batch(signal, [item(signal)] * 9 + [bad])).encode())
    assert (export.accepted, export.rejected) == (9, 1)
    assert "1 items were not kept" in export.reason
    told = json.loads(export_body.answer(export, "Application/JSON; charset=utf-8"))["partialSuccess"]
    assert [value for name, value in told.items() if name.startswith("rejected")] == ["1"]
    with pytest.raises(BadRequest):
        export_body.read(signal, export_body.JSON, json.dumps(batch(signal, [bad])).encode())


def test_of_a_metric_only_the_bad_points_are_lost():
    """A batch of points is a batch too."""
    points = [{"asInt": 1, "timeUnixNano": "5"}, {"asInt": "many"}, {"asDouble": 2.5}, {"timeUnixNano": 1 << 70}]
    export = export_body.read(
        "metrics", export_body.JSON, json.dumps(batch("metrics", [{"name": "m", "sum": {"isMonotonic": True, "dataPoints": points}}])).encode()
    )
    assert (export.accepted, export.rejected) == (2, 2)


@pytest.mark.parametrize("number", ["1e400", "9" * 30, "9" * 5000, "-" + "9" * 5000])
def test_a_number_beyond_all_bounds_costs_its_own_point(number):
    """The reader refuses it, and all that it stands beside."""
    points = [{"asInt": 1, "timeUnixNano": "5"}, {"asInt": "BAD"}, {"asInt": 2}]
    body = json.dumps(batch("metrics", [{"name": "m", "sum": {"dataPoints": points}}])).replace('"BAD"', number).encode()
    export = export_body.read("metrics", export_body.JSON, body)
    assert (export.accepted, export.rejected) == (2, 1)
    double = export_body.read("metrics", export_body.JSON, body.replace(b'"asInt": ' + number.encode(), b'"asDouble": ' + number.encode()))
    assert double.accepted + double.rejected == 3
    assert double.accepted >= 2


def test_a_resource_that_cannot_be_read_is_left_out_and_told():
    """Its rows are kept."""
    value = batch("logs", [item("logs")])
    value["resourceLogs"][0]["resource"] = {"attributes": 5}
    export = export_body.read("logs", export_body.JSON, json.dumps(value).encode())
    assert (export.accepted, export.rejected) == (1, 0)
    assert "1 resources or scopes were left out" in json.loads(export_body.answer(export, export_body.JSON))["partialSuccess"]["errorMessage"]


@pytest.mark.parametrize("signal", list(NAMES))
def test_an_item_of_protobuf_that_is_malformed_is_reported(signal):
    """Cut in the middle of a field, or nested deeper than anybody reads."""
    good = in_protobuf(batch(signal, [item(signal)]), signal)
    for broken in (b"\x0a\x7f", deep({"logs": 6, "spans": 9, "metrics": 12}[signal])):
        bad = b"\x0a" + sized(b"\x12" + sized(b"\x12" + sized(broken)))
        export = export_body.read(signal, export_body.PROTOBUF, good * 9 + bad)
        assert (export.accepted, export.rejected) == (9, 1), export.reason
        assert "not kept" in export.reason
        with pytest.raises(BadRequest):
            export_body.read(signal, export_body.PROTOBUF, bad)


def deep(field):
    """An attribute of values within values, in this field."""
    value = b""
    for _ in range(200):
        value = b"\x2a" + sized(b"\x0a" + sized(value))
    return bytes([field << 3 | 2]) + sized(b"\x12" + sized(value))


def sized(content):
    """With its length before it."""
    size, out = len(content), b""
    while size >= 0x80:
        out += bytes([size & 0x7F | 0x80])
        size >>= 7
    return out + bytes([size]) + content


def test_a_list_that_is_malformed_itself_is_refused():
    """There are no items to be found in it."""
    good = in_protobuf(batch("logs", [item("logs")]), "logs")
    for body in (good + b"\x0a\x7f", good + b"\x0b", b"\xff", good[:-1]):
        with pytest.raises(BadRequest, match="not an OTLP logs export"):
            export_body.read("logs", export_body.PROTOBUF, body)


@pytest.mark.parametrize("signal", list(NAMES))
def test_json_is_the_same_at_once_and_item_by_item(signal, monkeypatch):
    """To the byte."""
    body = exports.as_json(signal, getattr(exports, signal)("m", 5))
    whole = export_body.read(signal, export_body.JSON, body)
    monkeypatch.setattr(json_reading, "PIECE_BYTES", 0)
    assert export_body.read(signal, export_body.JSON, body) == whole
    assert whole.accepted == 5


@pytest.mark.parametrize("signal", list(NAMES))
def test_a_large_export_is_mended_too(signal, monkeypatch):
    """In its pieces."""
    body = in_protobuf(batch(signal, [item(signal)] * 40 + [item(signal, MARK.decode())]), signal)
    whole = export_body.read(signal, export_body.PROTOBUF, body)
    monkeypatch.setattr(piecewise, "PIECE_BYTES", 100)
    assert export_body.read(signal, export_body.PROTOBUF, body).payload == whole.payload
    assert whole.accepted == 41

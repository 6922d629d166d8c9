"""Exports that somebody made to hurt: each is taken or refused in the protocol's words, at a bounded cost, and the table can be read afterwards."""

import gzip
import json
import time
import urllib.error
import urllib.request

import pytest
import zstandard
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from tests.e2e.lab import running
from tests.e2e.workspace import administrator, user
from tests.fakes import exports

PROTOBUF, JSON = "application/x-protobuf", "application/json"


class House:
    """A gateway, its administrator, and tables of both schemas."""

    def __init__(self, gateway):
        self.gateway, self.root = gateway, administrator(gateway)
        for signal in ("metrics", "logs"):
            for version in ("v1", "v2"):
                name = Name(("main", "default", f"{version}_{signal}"))
                self.root.rows(otel_tables.ddl(name, signal, version))
                self.root.rows(f"GRANT MODIFY ON TABLE {name} TO `ada@example.com`")
        self.root.rows("CREATE SCHEMA main.bobs")
        self.root.rows(otel_tables.ddl(Name(("main", "bobs", "logs")), "logs"))
        self.root.rows("CREATE TABLE main.default.people (name STRING)")
        self.root.rows("GRANT MODIFY ON TABLE main.default.people TO `ada@example.com`")

    def send(self, body, table="main.default.v1_logs", signal="logs", media=PROTOBUF, **headers):
        """Status and words of one export."""
        named = {"content-type": media, "authorization": f"Bearer {self.gateway.token}", "x-databricks-uc-table-name": table}
        request = urllib.request.Request(
            f"{self.gateway.url}/api/2.0/otel/v1/{signal}", body, named | {key.replace("_", "-"): value for key, value in headers.items()}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One for all."""
    with running(tmp_path_factory.mktemp("hostile"), None, arguments=("--demo",)) as gateway:
        made = House(gateway)
        yield made
        assert made.send(exports.logs("last"))[0] == 200
        assert gateway.is_ready()


def nested(depth):
    """A log whose body is a value within a value within a value, as bytes: the classes would not make it."""
    value = b""
    for _ in range(depth):
        value = field(5, field(1, value))  # array_value, its first value
    return field(1, field(2, field(2, field(5, value))))


def field(number, content):
    """A field of bytes on the wire."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(number):
    """A number on the wire."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def many_points(count):
    """So many data points of nothing."""
    return field(1, field(2, field(2, field(1, b"m") + field(7, field(1, b"") * count))))


def many_records_of_a_long_resource(count, size):
    """Small on the wire, large as rows."""
    resource = field(1, field(1, field(1, b"k") + field(2, field(1, b"x" * size))))
    return field(1, resource + field(2, field(2, b"") * count))


def attributes_of_nothing(count):
    """One record of so many."""
    return field(1, field(2, field(2, b"\x32\x00" * count)))


REFUSED = {
    "values nested in values": (400, nested(10_000), {}),
    "JSON nested in JSON": (400, b'{"resourceLogs":' + b"[" * 100_000 + b"]" * 100_000 + b"}", {"media": JSON}),
    "JSON called protobuf": (400, b'{"resourceLogs":[]}', {}),
    "protobuf called JSON": (400, exports.logs(), {"media": JSON}),
    "numbers out of range": (400, b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"18446744073709551616"}]}]}]}', {"media": JSON}),
    "a million data points": (413, many_points(1_000_000), {"table": "main.default.v1_metrics", "signal": "metrics"}),
    "a resource for a hundred thousand rows": (413, many_records_of_a_long_resource(100_000, 100_000), {}),
    "millions of resources in a few kilobytes": (413, gzip.compress(b"\x0a\x00" * 8_000_000), {"content_encoding": "gzip"}),
    "millions of JSON's": (
        413,
        gzip.compress(b'{"resourceLogs":[' + b"{}," * 5_000_000 + b"{}]}"),
        {"content_encoding": "gzip", "media": "application/JSON"},
    ),
    "millions of attributes": (413, gzip.compress(attributes_of_nothing(8_000_000)), {"content_encoding": "gzip"}),
    "too many bytes": (413, b"x" * (17 << 20), {}),
    "a gzip bomb": (413, gzip.compress(bytes(256 << 20), 9), {"content_encoding": "gzip"}),
    "a zstd bomb": (413, zstandard.ZstdCompressor(19).compress(bytes(256 << 20)), {"content_encoding": "zstd"}),
    "brotli": (415, b"x", {"content_encoding": "br"}),
    "two codings": (415, b"x", {"content_encoding": "gzip, gzip"}),
    "gzip that breaks off": (400, gzip.compress(exports.logs())[:-5], {"content_encoding": "gzip"}),
    "a statement as a table": (400, exports.logs(), {"table": "a.b.c; DROP TABLE x"}),
    "a path as a table": (400, exports.logs(), {"table": "../../etc/passwd"}),
    "a placeholder as a table": (400, exports.logs(), {"table": "<catalog>.<schema>.<table_prefix>_otel_logs"}),
    "no table": (400, exports.logs(), {"table": " "}),
    "nobody's table": (404, exports.logs(), {"table": "main.default.nothing"}),
    "somebody else's table": (403, exports.logs(), {"table": "main.bobs.logs"}),
    "a table of something else": (400, exports.logs(), {"table": "main.default.people"}),
    "the gateway's own table": (403, exports.logs(), {"table": "system.ai_gateway.usage"}),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_refused(house, name):
    """With the status that fits, in words, and soon."""
    status, body, options = REFUSED[name]
    began_s = time.monotonic()
    got, words = house.send(body, **options)
    assert got == status, words[:300]
    assert words
    assert time.monotonic() - began_s < 20


def test_odd_values_become_rows_that_can_be_read(house):
    """Times of 0 and beyond 2^63, NaN and infinities, a thousand attributes, keys of nothing, half a name: in both schemas."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="")
    for value, at_ns in ((float("nan"), 0), (float("inf"), 1 << 63), (float("-inf"), (1 << 64) - 1), (1e308, 1)):
        metric.gauge.data_points.add(as_double=value, time_unix_nano=at_ns)
    point = metric.gauge.data_points.add(as_int=-(1 << 63))
    for number in range(1000):
        point.attributes.add(key=f"k{number}").value.string_value = "v"
    point.attributes.add(key="", value=AnyValue(bytes_value=b"\x00\xff"))
    logs = ExportLogsServiceRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add(severity_number=99, time_unix_nano=(1 << 64) - 1, trace_id=b"short")
    record.body.kvlist_value.values.add(key="a").value.array_value.values.add(double_value=float("nan"))
    for version in ("v1", "v2"):
        assert house.send(request.SerializeToString(), f"main.default.{version}_metrics", "metrics")[0] == 200
        assert house.send(logs.SerializeToString(), f"main.default.{version}_logs")[0] == 200
    deadline = time.monotonic() + 90
    for table, wanted in (("v1_metrics", 5), ("v2_metrics", 5), ("v1_logs", 1), ("v2_logs", 1)):
        while len(found := house.root.rows(f"SELECT * FROM main.default.{table}")) < wanted and time.monotonic() < deadline:
            time.sleep(0.3)
        assert len(found) >= wanted, table
    assert house.root.rows("SELECT count(*) FROM main.default.v1_metrics WHERE gauge.value > 1e307") == [["3"]]


@pytest.mark.parametrize("sized", [True, False], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("media", [PROTOBUF, JSON])
def test_an_export_comes_in_one_piece_or_in_chunks(house, media, sized):
    """Claude Code sent OTLP/JSON in chunks and sends it with its length now; Gemini CLI sends chunks."""
    body = exports.logs(f"{media} {sized}", 2)
    body = body if media == PROTOBUF else exports.as_json("logs", body)
    pieces = body if sized else (body[at : at + 100] for at in range(0, len(body), 100))
    status, words = house.send(pieces, media=media, **({} if sized else {"transfer_encoding": "chunked"}))
    assert (status, words) == (200, "{}" if media == JSON else "")
    deadline = time.monotonic() + 90
    query = f"SELECT count(*) FROM main.default.v1_logs WHERE attributes['mark'] = '{media} {sized}'"
    while (found := house.root.rows(query)) != [["2"]] and time.monotonic() < deadline:
        time.sleep(0.3)
    assert found == [["2"]]


@pytest.mark.parametrize("media", [PROTOBUF, JSON])
def test_a_text_cut_within_a_character_costs_itself_alone(house, media):
    """Ten records are ten rows, nine of them as they are."""
    logs = ExportLogsServiceRequest()
    records = logs.resource_logs.add().scope_logs.add().log_records
    for number in range(10):
        records.add(time_unix_nano=1, severity_text=media, event_name="cutXX" if number == 9 else "whole")
    body = logs.SerializeToString().replace(b"cutXX", b"cut\xc3\xc3") if media == PROTOBUF else exports.as_json("logs", logs.SerializeToString())
    assert house.send(body.replace(b"cutXX", b"cut\xc3\xc3"), media=media.upper())[0] == 200
    deadline = time.monotonic() + 90
    query = f"SELECT event_name, count(*) FROM main.default.v1_logs WHERE severity_text = '{media}' GROUP BY 1 ORDER BY 1"
    while not (found := house.root.rows(query)) and time.monotonic() < deadline:
        time.sleep(0.3)
    assert found == [["cut\ufffd\ufffd", "1"], ["whole", "9"]]


def test_a_million_attributes_are_taken_or_refused(house):
    """One record that holds them all: its row can be read, and others arrive meanwhile."""
    attribute = field(6, field(1, b"key-of-it") + field(2, field(1, b"v")))
    many = field(
        1,
        field(
            2,
            field(2, b"".join([attribute] * 100_000 + [field(6, field(1, b"k%d" % number) + field(2, field(1, b""))) for number in range(300_000)])),
        ),
    )
    status, words = house.send(many)
    assert status in {200, 413}, words[:300]
    assert house.send(json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"eventName": "beside"}]}]}]}).encode(), media=JSON)[0] == 200
    deadline = time.monotonic() + 90
    while (found := house.root.rows("SELECT count(*) FROM main.default.v1_logs WHERE event_name = 'beside'"))[0][
        0
    ] != "1" and time.monotonic() < deadline:
        time.sleep(0.3)
    assert found == [["1"]]


def test_strangers_learn_nothing(house):
    """Without a token, 401 whatever is asked; with one, no more than that a privilege is missing."""
    bob = user(house.gateway, "bob@example.com")
    for table in ("main.default.v1_logs", "main.default.nothing", "x.y.z"):
        assert house.send(exports.logs(), table, authorization="Bearer hg_nothing")[0] == 401
    status, words = house.send(exports.logs(), authorization=f"Bearer {bob.token}")
    assert (status, "MODIFY" in words) == (403, True)

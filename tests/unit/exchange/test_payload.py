"""From what an exchange said to the row that is logged of it."""

import json

import msgspec
import pytest

from headgate.core.endpoint import PayloadRule
from headgate.core.payload import LoggedPayload
from headgate.dialects.anthropic.assemble import assemble
from headgate.exchange.content import ExchangeContent
from headgate.exchange.payload import Logged, PayloadRules, Plan, logged, plan
from headgate.policy.secrets import compile_redactor
from tests.fakes.assembled import stream, whole
from tests.fakes.records import AT_NS, outcome
from tests.fakes.wire_anthropic import AnthropicWire, event

RULES = PayloadRules(table="main.default.all", redactor=compile_redactor((), secrets=True))
KEY = "sk-ant-api03-" + "a1" * 20


def content(request: bytes = b"{}", *answer: bytes, **changes: object) -> ExchangeContent:
    """An unstreamed exchange that went well."""
    given = {"outcome": outcome("r-1"), "request": request, "answer": answer}
    return ExchangeContent(**(given | changes))


@pytest.mark.parametrize(
    ("rule", "rules", "table"),
    [
        (PayloadRule(), RULES, "main.default.all"),
        (PayloadRule("main.default.own"), RULES, "main.default.own"),
        (PayloadRule("main.default.own", paused=True), RULES, None),
        (PayloadRule(paused=True), RULES, None),
        (PayloadRule(), PayloadRules(), None),
        (PayloadRule("main.default.own"), PayloadRules(), "main.default.own"),
    ],
)
def test_an_endpoint_is_logged_in_its_own_table_or_in_that_for_all(rule: PayloadRule, rules: PayloadRules, table: str | None) -> None:
    """Unless it is paused; nowhere if nobody named a table."""
    found = plan(rule, rules, content())
    assert (found.table if found else None) == table


def test_counting_is_not_logged() -> None:
    """Nothing was asked of a model."""
    assert plan(PayloadRule(), RULES, content(generates=False)) is None


def test_the_share_that_is_asked_for_is_logged() -> None:
    """The same requests in every process; an endpoint's own share counts before that for all."""

    def kept(rule: PayloadRule, rules: PayloadRules) -> int:
        return sum(
            plan(rule, rules, content(outcome=outcome(f"req_{number * 0x9E3779B97F4A7C15 % 2**128:032x}"))) is not None for number in range(2000)
        )

    quarter = msgspec.structs.replace(RULES, sampling=0.25)
    assert 400 < kept(PayloadRule(), quarter) < 600
    assert kept(PayloadRule(), quarter) == kept(PayloadRule(), quarter)
    assert kept(PayloadRule(sampling=0.0), RULES) == 0
    assert kept(PayloadRule(sampling=1.0), quarter) == 2000
    assert plan(PayloadRule(), quarter, content(outcome=outcome("req_" + "0" * 32))) == Plan("main.default.all", 0.25)


@pytest.mark.parametrize(
    "changes",
    [
        {"status_code": 401},
        {"status_code": 429},
        {"status_code": 500},
        {"ended": "cut"},
        {"ended": "failed"},
        {"ended": "refused", "status_code": 403},
    ],
)
def test_errors_are_always_logged(changes: dict[str, object]) -> None:
    """They are why somebody looks."""
    rules = msgspec.structs.replace(RULES, sampling=0.0)
    assert plan(PayloadRule(), rules, content(outcome=outcome("r-1", **changes))) == Plan("main.default.all", 1.0)


def row(found: Logged) -> tuple[object, object]:
    """Request and response, decoded."""
    return json.loads(found.row.request or "null"), json.loads(found.row.response or "null")


def test_a_row_says_all_of_the_exchange() -> None:
    """Bytes are kept as they came where nothing is redacted."""
    request, answer = b'{ "model": "x",\n "messages": [] }', b'{"id":"msg_1"}'
    found = logged(content(request, answer), 0.5, RULES)

    assert (found.row.request, found.row.response) == (request.decode(), answer.decode())
    assert (found.row.request_id, found.row.event_time_ns, found.row.sampling_fraction) == ("r-1", AT_NS, 0.5)
    assert (found.row.provider, found.row.model_sent, found.row.session_id) == ("anthropic", "claude-opus-4-6", "s-1")
    assert (found.row.status_code, found.row.latency_ms, found.row.error_codes, found.large_request) == (200, 2000, (), "")


def test_a_stream_becomes_its_answer() -> None:
    """Whatever its pieces; of a cut one what came; one that tells nothing as it is."""
    data = stream(AnthropicWire())
    pieces = tuple(data[start : start + 100] for start in range(0, len(data), 100))
    assert row(logged(content(b"{}", *pieces, assemble=assemble), 1.0, RULES))[1] == whole(AnthropicWire())
    cut = logged(content(b"{}", event("message_start", message={"id": "m"}), assemble=assemble), 1.0, RULES)
    assert row(cut)[1] == {"id": "m", "content": []}
    assert row(logged(content(b"{}", b"event: nonsense", assemble=assemble), 1.0, RULES))[1] == "event: nonsense"


@pytest.mark.parametrize("answer", [b"<html>", b"", b"\xff\xfe", b'{"a":'])
def test_an_answer_that_is_no_json_is_one_text(answer: bytes) -> None:
    """So that the column can always be read as JSON."""
    assert row(logged(content(b"{}", answer), 1.0, RULES))[1] == answer.decode("utf-8", "replace")


def test_secrets_are_taken_out_however_they_are_written() -> None:
    """Behind a line break, as escapes, split over the chunks of a stream, in an answer that is no JSON."""
    escaped = json.dumps({"text": f"x\n{KEY}"}).replace("sk-", "\\u0073k-").encode()
    found = logged(content(escaped, b"no json " + KEY.encode()), 1.0, RULES)
    assert row(found) == ({"text": "x\n<REDACTED>"}, "no json <REDACTED>")

    pieces = [event("content_block_delta", index=0, delta={"type": "text_delta", "text": KEY[start : start + 5]}) for start in range(0, len(KEY), 5)]
    text = [event("message_start", message={"id": "m"}), event("content_block_start", index=0, content_block={"type": "text", "text": ""}), *pieces]
    assert row(logged(content(b"{}", *text, assemble=assemble), 1.0, RULES))[1]["content"] == [{"type": "text", "text": "<REDACTED>"}]
    broken = logged(content(b'{"a": ' + KEY.encode(), b"{}"), 1.0, RULES)
    assert broken.row.request == '{"a": <REDACTED>'


def test_nothing_is_redacted_where_nobody_asks() -> None:
    """Then every byte is kept."""
    found = logged(content(KEY.encode(), b'{"k":"' + KEY.encode() + b'"}'), 1.0, PayloadRules(table="t"))
    assert (found.row.request, KEY in str(found.row.response)) == (KEY, True)


def test_what_is_too_large_is_named_and_handed_on() -> None:
    """Redacted too, and the other body is in the row."""
    rules = msgspec.structs.replace(RULES, bytes_max=1000)
    large = json.dumps({"t": "x" * 2000 + KEY}).encode()
    found = logged(content(large, b"{}"), 1.0, rules)
    assert (found.row.request, found.row.response, found.row.error_codes) == (None, "{}", ("MAX_REQUEST_SIZE_EXCEEDED",))
    assert json.loads(found.large_request)["t"] == "x" * 2000 + "<REDACTED>"

    found = logged(content(large, large), 1.0, rules)
    assert found.row.error_codes == ("MAX_REQUEST_SIZE_EXCEEDED", "MAX_RESPONSE_SIZE_EXCEEDED")
    assert KEY not in found.large_response
    cut = logged(content(b"{}", b'{"t":', complete=False), 1.0, rules)
    assert (cut.row.error_codes, json.loads(cut.large_response)) == (("MAX_RESPONSE_SIZE_EXCEEDED",), '{"t":')


def test_a_long_stream_that_tells_a_short_answer_fits() -> None:
    """Frames are large, what they say is not."""
    rules = msgspec.structs.replace(RULES, bytes_max=1000)
    text = [event("message_start", message={"id": "m"}), event("content_block_start", index=0, content_block={"type": "text", "text": ""})]
    text += [event("content_block_delta", index=0, delta={"type": "text_delta", "text": "x"})] * 100
    found = logged(content(b"{}", *text, assemble=assemble), 1.0, rules)

    assert row(found)[1]["content"][0]["text"] == "x" * 100


def test_half_a_surrogate_pair_is_kept_as_well_as_it_can_be() -> None:
    """JSON may write what no text can hold."""
    bad = b'{"t": "\\ud83d ' + KEY.encode() + b'"}'
    found = logged(content(bad, bad), 1.0, RULES)

    assert KEY not in str(found.row)
    assert "<REDACTED>" in str(found.row.request)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found.row), type=LoggedPayload) == found.row

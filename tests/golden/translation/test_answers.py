"""Every answer for every client: the bytes of its stream and of its unstreamed body. The official SDK of the client's dialect reads both as the same."""

import json

import pytest

from headgate.core.event import Failed
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS
from tests.golden.translation import sdk_answers
from tests.golden.translation.cases import ANSWERS, WHOLE, body_bytes, pretty, stream_bytes
from tests.golden.translation.expected import compare, expectation
from tests.golden.translation.journey import ASKED, answer_stages, context, stream_events, streamed
from tests.golden.translation.matrix import ANSWER_PAIRS, FAILURES, TARGETS, UNTYPED_ANSWERS

SIZES = (1, 7, 10**9)
SPOKEN = {"cursor": "openai_chat"}


def stream_for(case: str, client: str, size: int = 10**9) -> tuple[bytes, Failed | None]:
    """The stream of a case for a client, where the provider's comes in pieces of a size, and what broke it off."""
    provider = case.partition("/")[0]
    steps = answer_stages(client, TARGETS[provider])
    return streamed(client, steps.feed(stream_events(provider, stream_bytes(case), size)))


def body_for(case: str, client: str) -> bytes:
    """The unstreamed body of a case for a client."""
    provider = case.partition("/")[0]
    steps = answer_stages(client, TARGETS[provider])
    return CLIENT_CODECS[client].whole(context(ASKED[client]), steps.feed(PROVIDER_CODECS[provider].decode_answer(body_bytes(case))))


@pytest.mark.parametrize(("case", "client"), ANSWER_PAIRS)
def test_a_stream_is_said_as_expected(case, client):
    """The same bytes as in the file, however the provider's stream is cut."""
    found, failed = stream_for(case, client)

    compare(expectation("answers", case, client, ".sse"), found)
    assert (failed and failed.code) == FAILURES.get(case)
    assert {stream_for(case, client, size)[0] for size in SIZES} == {found}


@pytest.mark.parametrize(("case", "client"), [pair for pair in ANSWER_PAIRS if pair[0] in WHOLE and pair[0] not in FAILURES])
def test_a_body_is_said_as_expected(case, client):
    """The same body as in the file."""
    compare(expectation("answers", case, client, ".json"), (pretty(json.loads(body_for(case, client))) + "\n").encode())


@pytest.mark.parametrize(
    ("case", "client"), [pair for pair in ANSWER_PAIRS if pair[0] in WHOLE and pair not in UNTYPED_ANSWERS and pair[0] not in FAILURES]
)
def test_the_sdk_reads_both_as_the_same(case, client):
    """By its types, strictly; and the stream, folded, is the body."""
    stream, failed = stream_for(case, client)

    assert failed is None
    assert sdk_answers.read_stream(SPOKEN.get(client, client), stream) == sdk_answers.read_body(SPOKEN.get(client, client), body_for(case, client))


@pytest.mark.parametrize("case", [case for case in ANSWERS if not case.endswith("/custom_call")])
def test_cursor_is_answered_as_a_client_of_chat_completions(case):
    """It asks in several shapes and reads one; only a call of a custom tool has a name where Cursor looks for it."""
    assert stream_for(case, "cursor") == stream_for(case, "openai_chat")


COUNTS = {"anthropic": {"input_tokens": 7}, "openai_responses": {"object": "response.input_tokens", "input_tokens": 7}, "gemini": {"totalTokens": 7}}


@pytest.mark.parametrize("client", COUNTS)
@pytest.mark.parametrize("provider", COUNTS)
def test_a_count_of_tokens_is_said_as_expected(provider, client):
    """The number is the same in every dialect's body; Chat Completions has no such request."""
    found = PROVIDER_CODECS[provider].count_of(json.dumps(COUNTS[provider]).encode())

    assert json.loads(CLIENT_CODECS[client].count(found)) == COUNTS[client]


@pytest.mark.parametrize("case", [case for case, client in ANSWER_PAIRS if client == "gemini" and case in WHOLE and case not in FAILURES])
def test_a_gemini_stream_without_events_is_one_array(case):
    """A client that does not ask for `alt=sse` gets the same chunks as one JSON array."""
    provider = case.partition("/")[0]
    encoder = CLIENT_CODECS["gemini"].encoder(context(ASKED["gemini"], query=""))
    events = answer_stages("gemini", TARGETS[provider]).feed(stream_events(provider, stream_bytes(case)))

    array = json.loads(b"".join(map(encoder.encode, events)) + encoder.finish())
    assert array == [json.loads(line[6:]) for line in stream_for(case, "gemini")[0].splitlines() if line.startswith(b"data: ")]

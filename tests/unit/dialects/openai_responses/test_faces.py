"""The dialect of Codex and of OpenAI's Responses SDKs, as the gateway uses it."""

import json

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import Unauthenticated, UpstreamFailed
from headgate.core.event import Finished, Started
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.faces import CLIENT, PROVIDER

RESPONSES = Operation("responses", "codex/v1/responses")
GPT = Endpoint("databricks-gpt-5-2", (target_of(Provider("lab", "openai", "http://127.0.0.1/v1"), "gpt-5.2"),))


def test_the_parts_are_put_together():
    """Reader, whole answers, lengths, errors and listings are those of this dialect."""
    reader = PROVIDER.reader()
    assert reader.feed(b'data: {"type":"response.created","response":{"id":"r","model":"m"}}\n\n') == [Started("r", "m")]
    assert list(PROVIDER.read_answer(b'{"id":"r","model":"m","status":"completed"}')) == [Started("r", "m"), Finished("completed")]
    assert CLIENT.request_text_length(CLIENT.read(b'{"model":"m","input":"hello"}', RESPONSES, "")) == 5
    assert PROVIDER.answer_text_length(b'{"output":[{"content":[{"text":"hello"}]}]}') == 5
    assert PROVIDER.stream_text_length(b'data: {"type":"response.output_text.delta","delta":"hello"}\n\n') == 5
    assert json.loads(CLIENT.model(GPT))["id"] == "databricks-gpt-5-2"
    assert [entry["slug"] for entry in json.loads(CLIENT.models([GPT], {"client_version": "0.169.0"}))["models"]] == ["databricks-gpt-5-2"]


def test_errors_have_this_dialects_shapes():
    """As an answer, and inside a stream; the word in silence is an event, for Codex does not hear comments."""
    status, headers, body = CLIENT.error(Unauthenticated("No such token."), "req_1")
    assert (status, json.loads(body)["error"]["code"]) == (401, "invalid_api_key")
    assert (b"x-should-retry", b"false") in headers
    assert b"event: response.failed\n" in CLIENT.stream_error(UpstreamFailed("It broke."), "req_1")
    assert CLIENT.keep_alive.startswith(b"event: ")

"""What is kept of a response, how a request goes on from it, and what clients read of it."""

import json

import pytest
from openai.types.responses import ResponseItemList

from headgate.core.conversation import Text, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest
from headgate.core.kept_response import KeptResponse
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.codec import CLIENT
from headgate.dialects.openai_responses.keeping import KEEPING
from headgate.dialects.openai_responses.request import read

OPERATION = Operation("responses", "openai/v1/responses")


def asked(**fields: object):
    """A request as it was read."""
    return read(json.dumps({"model": "opus", **fields}).encode(), OPERATION, "")


def kept(given: object, *output: object) -> KeptResponse:
    """A response as it was kept."""
    body = json.dumps({"id": "resp_1", "output": output}).encode()
    return KeptResponse(
        response_id="resp_1", principal_id="p", created_at_s=1, endpoint="opus", provider="lab", input=KEEPING.input_of(asked(input=given)), body=body
    )


CALL = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}", "id": "fc_1", "status": "completed"}


def test_a_request_goes_on_from_what_is_kept():
    """The input, the answer and the new input are one conversation; the instructions are the new ones."""
    new = asked(
        input=[{"type": "function_call_output", "call_id": "call_1", "output": "Rain"}], previous_response_id="resp_1", instructions="Be brief."
    )
    conversation = CLIENT.decode(KEEPING.continued(new, kept("What is it like?", CALL)), OPERATION)

    assert conversation.turns == (
        Turn("system", (Text("Be brief."),)),
        Turn("user", (Text("What is it like?"),)),
        Turn("assistant", (ToolCall("call_1", "weather", "{}", item_id="fc_1"),)),
        Turn("user", (ToolResult("call_1", (Text("Rain"),)),)),
    )
    assert conversation.previous_response_id == "resp_1"


def test_the_kept_input_of_a_continued_request_is_the_whole_conversation():
    """So a chain of any length is read in one piece."""
    new = KEEPING.continued(asked(input="And now?", previous_response_id="resp_1"), kept("Hi", CALL))

    assert [item.get("role") or item["type"] for item in json.loads(KEEPING.input_of(new))] == ["user", "function_call", "user"]


@pytest.mark.parametrize(("fields", "wanted"), [({}, True), ({"store": True}, True), ({"store": None}, True), ({"store": False}, False)])
def test_an_answer_is_kept_unless_the_request_says_no(fields, wanted):
    """OpenAI's default."""
    assert KEEPING.wanted(asked(input="Hi", **fields)) is wanted
    assert not KEEPING.previous(asked(input="Hi"))


def test_the_input_is_listed_page_by_page():
    """As the SDK reads it: every item with an id, the latest first unless it is asked otherwise."""
    response = kept([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}, CALL])
    first = json.loads(KEEPING.read(response, "input_items", "limit=2"))
    rest = json.loads(KEEPING.read(response, "input_items", f"limit=2&after={first['last_id']}"))
    ascending = json.loads(KEEPING.read(response, "input_items", "order=asc"))

    ResponseItemList.model_validate(ascending)
    assert [item["type"] for item in first["data"]] == ["function_call", "message"]
    assert (first["first_id"], first["has_more"], rest["has_more"]) == ("fc_1", True, False)
    assert rest["data"][0]["content"] == [{"type": "input_text", "text": "Hi"}]
    assert [item["id"] for item in ascending["data"]] == [*[item["id"] for item in rest["data"]], *[item["id"] for item in reversed(first["data"])]]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=nope"])
def test_a_page_that_there_is_none_of_is_refused(query):
    """In words, not with another page."""
    with pytest.raises(BadRequest):
        KEEPING.read(kept("Hi"), "input_items", query)


def test_a_response_is_read_as_it_was_answered():
    """Byte for byte; but it is not streamed again."""
    response = kept("Hi", CALL)

    assert KEEPING.read(response, "", "include%5B%5D=reasoning.encrypted_content") is response.body
    with pytest.raises(BadRequest):
        KEEPING.read(response, "", "stream=true")
    assert json.loads(KEEPING.deleted("resp_1")) == {"id": "resp_1", "object": "response", "deleted": True}
    assert (KEEPING.path("resp_1", ""), KEEPING.path("resp_1", "input_items")) == ("/responses/resp_1", "/responses/resp_1/input_items")
    assert KEEPING.id_of("req_1") == "resp_req_1"

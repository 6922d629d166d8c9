"""Requests that every dialect's specification allows pass, byte for byte but for the model; what no reader could take in one way is refused."""

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS, PROVIDERS

OPERATIONS = {
    "anthropic": Operation("messages", "test"),
    "openai_chat": Operation("chat", "test"),
    "cursor": Operation("chat", "test"),
    "openai_responses": Operation("responses", "test"),
    "gemini": Operation("generateContent", "test", streams="never"),
}
# A body of each dialect with a place for members, and one for text.
BODIES = {
    "anthropic": b'{"model":"alias"<more>,"max_tokens":5,"messages":[{"role":"user","content":"<text>"}]}',
    "openai_chat": b'{"model":"alias"<more>,"messages":[{"role":"user","content":"<text>"}]}',
    "cursor": b'{"model":"alias"<more>,"messages":[{"role":"user","content":"<text>"}]}',
    "openai_responses": b'{"model":"alias"<more>,"input":"<text>"}',
    "gemini": b'{"contents":[{"parts":[{"text":"<text>"}]}]<more>}',
}
# What may be null: of Chat Completions and Responses as OpenAI's specification has it, of Gemini everything (null is absent in Google's JSON). Anthropic's
# has no null there; its own servers are the ones to say so.
NULL = {
    "anthropic": ("stream", "metadata", "system", "tools", "tool_choice", "thinking", "stop_sequences", "service_tier"),
    "openai_chat": ("stream", "stream_options", "metadata", "tools", "tool_choice", "max_tokens", "temperature", "n", "service_tier", "stop", "user"),
    "cursor": ("stream", "stream_options", "metadata", "tools", "tool_choice", "input"),
    "openai_responses": (
        "stream",
        "stream_options",
        "metadata",
        "client_metadata",
        "prompt_cache_key",
        "instructions",
        "tools",
        "reasoning",
        "include",
    ),
    "gemini": (
        "model",
        "generationConfig",
        "tools",
        "systemInstruction",
        "system_instruction",
        "toolConfig",
        "generateContentRequest",
        "cachedContent",
    ),
}
ODD_TEXTS = [rb"\ud83d", rb"a\udc00b", rb"\ud83d\ud83d\ude00", rb"\u0000\u001f\uffff", "é🚀\u2028".encode(), rb"\/\b\f", b"\x7f"]
ODD_MEMBERS = [
    b',"x":1e400', b',"x":' + b"9" * 400, b',"x":-0.0', b',"x":[1,1.0,1E+2]', b',"x":{"a":1,"a":2}', rb',"\ud83d":1', b',"":{"":""}', b' , "x" :\t1\r\n',
    rb',"metadata":{"user_id":"\udfff_session_s-1"}',
]  # fmt: skip


def body_of(name, more=b"", text=b"Hello"):
    """A body with something in its places."""
    return BODIES[name].replace(b"<more>", more).replace(b"<text>", text)


def check(name, body):
    """The body passes with another model in it, and its text has a length."""
    client = CLIENTS[name]
    asked = client.read(body, OPERATIONS[name], "alias")
    expected = body.replace(b'"alias"', b'"sent"')
    sent = PROVIDERS[client.speaks].body(asked, "sent")

    assert sent == expected
    assert not asked.stream
    assert client.request_text_length(asked) >= 1
    return asked


@pytest.mark.parametrize(("name", "member"), [(name, member) for name, members in NULL.items() for member in members])
def test_null_is_absent(name, member):
    """Nothing that may be null is refused, nor taken for anything else."""
    asked = check(name, body_of(name, b',"%s":null' % member.encode()))

    assert CLIENTS[name].request_text_length(asked) == 5
    assert not CLIENTS[name].session_id(asked)


@pytest.mark.parametrize("name", BODIES)
def test_odd_texts_pass(name):
    """Whatever RFC 8259 allows in a string."""
    for text in ODD_TEXTS:
        check(name, body_of(name, text=text))


@pytest.mark.parametrize("name", BODIES)
def test_odd_members_pass(name):
    """Whatever RFC 8259 allows beside the members that are read."""
    for member in ODD_MEMBERS:
        check(name, body_of(name, member))


def test_an_odd_character_costs_no_session():
    """The session id is read beside it."""
    body = body_of("anthropic", rb',"metadata":{"user_id":"{\"device_id\":\"\ud83d\",\"session_id\":\"s-1\"}"}', rb"\ud83d")

    assert CLIENTS["anthropic"].session_id(check("anthropic", body)) == "s-1"


@pytest.mark.parametrize("name", ["openai_chat", "cursor"])
@pytest.mark.parametrize("options", [b"null", b"{}", rb'{"x":"\ud83d","include_usage":null}', rb'{"\ud83d":1}'])
def test_odd_options_of_a_stream_pass(name, options):
    """All but the ask for usage stays as it came."""
    client = CLIENTS[name]
    body = body_of(name, b',"stream":true,"stream_options":' + options)
    sent = PROVIDERS[client.speaks].body(client.read(body, OPERATIONS[name], ""), "alias")

    rest = options.strip(b"{}").replace(b"null", b"").replace(b',"include_usage":', b"")
    assert b'"include_usage":true' in sent
    assert rest in sent


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("member", [b',"x":NaN', b',"x":Infinity', b',"x":"\x01"', b',"x":"\xff"', b',"x":01', rb',"x":"\x"', rb',"x":"\ud83"', b',"x":1,"x":2',
                                    rb',"x":"\ud83d","x":1'])  # fmt: skip
def test_what_is_no_json_or_ambiguous_is_refused(name, member):
    """With a 400 that says why."""
    with pytest.raises(BadRequest, match=r"not valid JSON|UTF-8|twice"):
        CLIENTS[name].read(body_of(name, member), OPERATIONS[name], "alias")


@pytest.mark.parametrize("name", sorted(set(BODIES) - {"gemini"}))
@pytest.mark.parametrize("model", [b'"ali\\ud83das"', b"null", b"7"])
def test_an_odd_model_is_refused(name, model):
    """It is the one member that says where the request goes."""
    with pytest.raises(BadRequest, match="`model` must be"):
        CLIENTS[name].read(body_of(name).replace(b'"alias"', model), OPERATIONS[name], "")

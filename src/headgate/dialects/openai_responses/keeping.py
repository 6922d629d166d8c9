"""Responses that are named again: what of a request is kept, how a later one goes on from it, and what clients read of it.

https://platform.openai.com/docs/api-reference/responses: an answer is stored unless the request says `store: false`; `previous_response_id` puts its
conversation in front of the new input, without its `instructions`.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.errors import BadRequest
from headgate.core.kept_response import KeptResponse
from headgate.dialects.asked import Asked
from headgate.dialects.codec import ResponseKeeping
from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.dialects.openai_responses.response_object import response_id as id_of

_NULL: Final = msgspec.Raw(b"null")
_FALSE: Final = b"false"
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()
_PAGE, _PAGE_MAX = 20, 100
_PREFIXES: Final = {"message": "msg", "reasoning": "rs", "function_call": "fc", "function_call_output": "fco", "custom_tool_call": "ctc"}


class _Answered(msgspec.Struct):
    """The member of a response object that a later request goes on from."""

    output: msgspec.Raw = _NULL


_ANSWERED: Final = msgspec.json.Decoder(_Answered)


def previous(asked: Asked) -> str:
    """The id of the response that a request goes on from, or empty."""
    raw = asked.fields.get("previous_response_id")
    return "" if raw is None else text(decoded(_ANY, raw))


def wanted(asked: Asked) -> bool:
    """Whether the answer is to be kept."""
    return bytes(asked.fields.get("store", _NULL)) != _FALSE


def input_of(asked: Asked) -> bytes:
    """The input as a JSON array of items."""
    return _array(_elements(asked.fields.get("input", _NULL)))


def continued(asked: Asked, kept: KeptResponse) -> Asked:
    """The request with the kept conversation and its answer in front of its own input. It is to be translated: a model cannot be put into it."""
    answered = decoded(_ANSWERED, kept.body)
    output = () if answered is None else _elements(answered.output)
    whole = [*_elements(kept.input), *output, *_elements(asked.fields.get("input", _NULL))]
    fields = {**asked.fields, "input": msgspec.Raw(_array(whole))}
    return asked.with_body(msgspec.json.encode(fields), None, fields, {})


def read(kept: KeptResponse, part: str, query: str) -> bytes:
    """What a client is answered: the response, or with the part `input_items` a page of what it answered. Raises BadRequest."""
    given = {name: value for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)}
    if not part:
        if given.get("stream") == "true":
            raise BadRequest("A kept response is not streamed again; ask without `stream`.")
        return kept.body
    limit = given.get("limit", str(_PAGE))
    if not limit.isdecimal() or not 1 <= int(limit) <= _PAGE_MAX:
        raise BadRequest(f"`limit` must be from 1 to {_PAGE_MAX}.")
    listed = [_described(element, at) for at, element in enumerate(_elements(kept.input))]
    if given.get("order", "desc") != "asc":
        listed.reverse()
    ids = [text(each.get("id")) for each in listed]
    after = given.get("after", "")
    if after and after not in ids:
        raise BadRequest(f"`after` names no item of the response {kept.response_id}.")
    begin = ids.index(after) + 1 if after else 0
    page = listed[begin : begin + int(limit)]
    return msgspec.json.encode({
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": begin + len(page) < len(listed),
    })


def deleted(response_id: str) -> bytes:
    """What a client is answered when its response is gone."""
    return msgspec.json.encode({"id": response_id, "object": "response", "deleted": True})


def path(response_id: str, part: str) -> str:
    """Where a provider has a response."""
    return f"/responses/{response_id}/{part}" if part else f"/responses/{response_id}"


def _elements(raw: msgspec.Raw | bytes) -> Sequence[msgspec.Raw]:
    """The items of an input; one text is a message. What is no input is left to the decoder, which refuses it."""
    value = bytes(raw)
    if value.startswith(b'"'):
        return (msgspec.Raw(b'{"type":"message","role":"user","content":' + value + b"}"),)
    if value == b"null":
        return ()
    found = decoded(_RAWS, value)
    return (msgspec.Raw(value),) if found is None else found


def _array(elements: Sequence[msgspec.Raw]) -> bytes:
    return b"[" + b",".join(map(bytes, elements)) + b"]"


def _described(element: msgspec.Raw, at: int) -> dict[str, object]:
    """An item as OpenAI lists it: with an id, and a message with its content in parts."""
    item = dict(mapping(decoded(_ANY, element)))
    kind = text(item.get("type")) or "message"
    if not text(item.get("id")):
        digest = hashlib.sha256(b"%d:" % at + bytes(element)).hexdigest()[:32]
        item["id"] = f"{_PREFIXES.get(kind, 'item')}_{digest}"
    item["type"] = kind
    if kind == "message":
        content = item.get("content")
        said = "output_text" if item.get("role") == "assistant" else "input_text"
        more: dict[str, object] = {"annotations": []} if said == "output_text" else {}
        item["content"] = [{"type": said, "text": content, **more}] if isinstance(content, str) else items(content)
        item.setdefault("status", "completed")
    return item


KEEPING: Final = ResponseKeeping(
    previous=previous, wanted=wanted, id_of=id_of, input_of=input_of, continued=continued, read=read, deleted=deleted, path=path
)

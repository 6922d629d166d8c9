"""Sessions of agents for tests of translation: a client that sends its history back as its dialect's real agents do, and providers that answer."""

import json
from collections.abc import Callable

import msgspec

from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS
from tests.golden.translation.journey import Sent, Target, context, decoded, sent, stages

OPERATIONS = {"anthropic": "messages", "openai_chat": "chat", "openai_responses": "responses", "gemini": "generateContent"}
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}}


class Reply(msgspec.Struct, frozen=True):
    """What a model answers: a thought with its state (empty: none), a text, and calls by name and argument."""

    thought: str
    state: str
    text: str
    calls: tuple[tuple[str, str], ...]


# What a provider of each dialect answers.


def _anthropic_answer(reply: Reply, turn: int) -> object:
    thought = [{"type": "thinking", "thinking": reply.thought, "signature": reply.state}] if reply.state else []
    text = [{"type": "text", "text": reply.text}] if reply.text else []
    calls = [{"type": "tool_use", "id": f"toolu_{turn}_{n}", "name": name, "input": {"q": q}} for n, (name, q) in enumerate(reply.calls)]
    stop = "tool_use" if calls else "end_turn"
    usage = {"input_tokens": 1, "output_tokens": 1}
    return {
        "id": f"msg_{turn}",
        "type": "message",
        "role": "assistant",
        "model": "c",
        "content": [*thought, *text, *calls],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def _chat_answer(reply: Reply, turn: int) -> object:
    calls = [
        {"id": f"call_{turn}_{n}", "type": "function", "function": {"name": name, "arguments": json.dumps({"q": q})}}
        for n, (name, q) in enumerate(reply.calls)
    ]
    message = {"role": "assistant", "content": reply.text or None, **({"tool_calls": calls} if calls else {})}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": f"chatcmpl-{turn}", "object": "chat.completion", "created": 1, "model": "g", "choices": [choice], "usage": usage}


def _responses_answer(reply: Reply, turn: int) -> object:
    summary = [{"type": "summary_text", "text": reply.thought}] if reply.thought else []
    thought = [{"type": "reasoning", "id": f"rs_{turn}", "summary": summary, "encrypted_content": reply.state}] if reply.state else []
    content = [{"type": "output_text", "text": reply.text, "annotations": []}]
    text = [{"type": "message", "id": f"msg_{turn}", "role": "assistant", "status": "completed", "content": content}] if reply.text else []
    calls = [
        {
            "type": "function_call",
            "id": f"fc_{turn}_{n}",
            "call_id": f"call_{turn}_{n}",
            "name": name,
            "arguments": json.dumps({"q": q}),
            "status": "completed",
        }
        for n, (name, q) in enumerate(reply.calls)
    ]
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2, **details}
    return {
        "id": f"resp_{turn}",
        "object": "response",
        "created_at": 1,
        "model": "g",
        "status": "completed",
        "output": [*thought, *text, *calls],
        "usage": usage,
    }


def _gemini_answer(reply: Reply, _turn: int) -> object:
    thought = [{"text": reply.thought, "thought": True}] if reply.thought else []
    text = [{"text": reply.text}] if reply.text else []
    calls = [{"functionCall": {"name": name, "args": {"q": q}}} for name, q in reply.calls]
    if reply.state:
        (calls or text)[0]["thoughtSignature"] = reply.state
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    return {
        "candidates": [{"content": {"role": "model", "parts": [*thought, *text, *calls]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": usage,
        "modelVersion": "g",
    }


ANSWERS: dict[str, Callable[[Reply, int], object]] = {
    "anthropic": _anthropic_answer,
    "openai_chat": _chat_answer,
    "openai_responses": _responses_answer,
    "gemini": _gemini_answer,
}

# What a client of each dialect keeps of an answer, and what it sends next.


def _anthropic_keeps(body, results) -> tuple[list[object], int]:
    calls = [block["id"] for block in body["content"] if block["type"] == "tool_use"]
    blocks = [{"type": "tool_result", "tool_use_id": call, "content": result} for call, result in zip(calls, results, strict=False)]
    return [{"role": "assistant", "content": body["content"]}, *([{"role": "user", "content": blocks}] if calls else [])], len(calls)


def _chat_keeps(body, results) -> tuple[list[object], int]:
    message = body["choices"][0]["message"]
    calls = [call["id"] for call in message.get("tool_calls") or []]
    kept = {name: message.get(name) for name in ("role", "content", "tool_calls") if message.get(name) is not None or name == "content"}
    return [kept, *({"role": "tool", "tool_call_id": call, "content": result} for call, result in zip(calls, results, strict=False))], len(calls)


def _responses_keeps(body, results) -> tuple[list[object], int]:
    items = [{**item, "content": None} if item["type"] == "reasoning" else item for item in body["output"]]
    calls = [item["call_id"] for item in items if item["type"] == "function_call"]
    return [
        *items,
        *({"type": "function_call_output", "call_id": call, "output": result} for call, result in zip(calls, results, strict=False)),
    ], len(calls)


def _gemini_keeps(body, results) -> tuple[list[object], int]:
    parts = [part for part in body["candidates"][0]["content"]["parts"] if not part.get("thought")]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    answers = [
        {"functionResponse": {**({"id": call["id"]} if "id" in call else {}), "name": call["name"], "response": {"output": result}}}
        for call, result in zip(calls, results, strict=False)
    ]
    return [{"role": "model", "parts": parts}, *([{"role": "user", "parts": answers}] if calls else [])], len(calls)


KEEPS = {"anthropic": _anthropic_keeps, "openai_chat": _chat_keeps, "openai_responses": _responses_keeps, "gemini": _gemini_keeps}


def _user(client: str, text: str) -> object:
    return {"role": "user", "parts": [{"text": text}]} if client == "gemini" else {"role": "user", "content": text}


def _request(client: str, history: list[object], names: tuple[str, ...]) -> dict[str, object]:
    if client == "anthropic":
        tools = [{"name": name, "input_schema": SCHEMA} for name in names]
        return {"model": "m", "max_tokens": 4096, "system": "Be brief.", "messages": history, "tools": tools, "thinking": {"type": "adaptive"}}
    if client == "openai_chat":
        chat_tools = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in names]
        return {"model": "m", "messages": [{"role": "system", "content": "Be brief."}, *history], "tools": chat_tools}
    if client == "openai_responses":
        flat = [{"type": "function", "name": name, "parameters": SCHEMA, "strict": False} for name in names]
        return {
            "model": "m",
            "instructions": "Be brief.",
            "input": history,
            "tools": flat,
            "store": False,
            "include": ["reasoning.encrypted_content"],
        }
    declared = [{"functionDeclarations": [{"name": name, "parametersJsonSchema": SCHEMA} for name in names]}]
    return {"systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": history, "tools": declared}


class Session:
    """A client that asks, keeps what it is answered, and asks again."""

    def __init__(self, client: str, names: tuple[str, ...] = ("look", "read_file")) -> None:
        self.client = client
        self.names = names
        self.history: list[object] = []
        self.turn = 0

    def say(self, text: str) -> None:
        """The user's next message."""
        self.history.append(_user(self.client, text))

    def asked_of(self, target: Target) -> Sent:
        """What the target's provider is asked now."""
        body = json.dumps(_request(self.client, self.history, self.names)).encode()
        self.conversation = decoded(self.client, OPERATIONS[self.client], body)
        return sent(self.conversation, target)

    def answered_by(self, target: Target, reply: Reply) -> int:
        """Keeps what a provider answers, and the results of its calls; how many calls there are."""
        calls = self.asked_of(target).prepared.calls
        body = json.dumps(ANSWERS[target.dialect](reply, self.turn)).encode()
        events = stages(self.client, calls).feed(PROVIDER_CODECS[target.dialect].decode_answer(body))
        kept = json.loads(CLIENT_CODECS[self.client].whole(context(self.conversation), events))
        items, count = KEEPS[self.client](kept, [f"result of {q}" for _, q in reply.calls])
        self.history += items
        self.turn += 1
        return count

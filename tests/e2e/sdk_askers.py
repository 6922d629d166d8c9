"""The official SDKs behind one shape: each asks in its own dialect and returns what an application has of the answer.

A history is a list in the SDK's own form. What the SDK returned goes back into it as it is, like in any loop of an application.
"""

import base64
import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import anthropic
import httpx2
import openai
from google import genai
from google.genai import types
from pydantic import BaseModel

WEATHER = {"type": "object", "properties": {"city": {"type": "string", "description": "Where"}}, "required": ["city"], "additionalProperties": False}
ABOUT = "Looks up the weather of a city."


class City(BaseModel):
    """What is asked for by its form."""

    name: str
    people: int


@dataclass(frozen=True)
class Called:
    """A tool call, as the application reads it."""

    id: str
    name: str
    arguments: Any


@dataclass(frozen=True)
class Counts:
    """The counts of an answer, in the words of OpenAI: all input, what of it came from the cache, all output."""

    input: int
    cached: int
    output: int


@dataclass(frozen=True)
class Answer:
    """What an application has of one answer. `stop` is in the words of the dialect, `turn` what it sends back next time."""

    text: str
    thoughts: str
    calls: list[Called]
    stop: str
    counts: Counts
    turn: list[Any]
    model: str


class Asker(Protocol):
    """One SDK in one dialect."""

    errors: type[Exception] | tuple[type[Exception], ...]
    dialect: str

    def user(self, text: str, image: bytes = b"") -> list[Any]: ...
    def results(self, answer: Answer, texts: dict[str, str]) -> list[Any]: ...
    def ask(self, model: str, history: list[Any], *, stream: bool, tools: bool = False, think: bool = False, force: bool = False) -> Answer: ...
    def parsed(self, model: str, history: list[Any], form: type[BaseModel]) -> BaseModel | None: ...
    def counted(self, model: str, history: list[Any]) -> int: ...
    def models(self) -> set[str]: ...
    def status(self, error: Exception) -> int: ...
    def close(self) -> None: ...


class AnthropicAsker:
    """`client.messages`."""

    errors = (anthropic.APIError, httpx2.TransportError)  # the second where a stream breaks off with its connection
    dialect = "anthropic"

    def __init__(self, url: str, token: str) -> None:
        self.client = anthropic.Anthropic(base_url=f"{url}/anthropic", auth_token=token, api_key=None, max_retries=0)

    def user(self, text: str, image: bytes = b"") -> list[Any]:
        source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(image).decode()}
        shown = [{"type": "image", "source": source}] if image else []
        return [{"role": "user", "content": [{"type": "text", "text": text}, *shown]}]

    def results(self, answer: Answer, texts: dict[str, str]) -> list[Any]:
        blocks = [{"type": "tool_result", "tool_use_id": call.id, "content": texts[call.name + call.arguments["city"]]} for call in answer.calls]
        return [{"role": "user", "content": blocks}]

    def ask(self, model: str, history: list[Any], *, stream: bool, tools: bool = False, think: bool = False, force: bool = False) -> Answer:
        asked: dict[str, Any] = {"model": model, "max_tokens": 2000, "messages": history, "system": "Be brief."}
        if tools:
            asked["tools"] = [{"name": "weather", "description": ABOUT, "input_schema": WEATHER}]
        if force:
            asked["tool_choice"] = {"type": "any"}
        if think:
            asked["thinking"] = {"type": "adaptive"}
        if stream:
            with self.client.messages.stream(**asked) as events:
                message = events.get_final_message()
        else:
            message = self.client.messages.create(**asked)
        blocks, used = message.content, message.usage
        read, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
        return Answer(
            "".join(block.text for block in blocks if block.type == "text"),
            "".join(block.thinking for block in blocks if block.type == "thinking"),
            [Called(block.id, block.name, block.input) for block in blocks if block.type == "tool_use"],
            str(message.stop_reason),
            Counts(used.input_tokens + read + written, read, used.output_tokens),
            [{"role": "assistant", "content": blocks}],
            message.model,
        )

    def parsed(self, model: str, history: list[Any], form: type[BaseModel]) -> BaseModel | None:
        return self.client.messages.parse(model=model, max_tokens=2000, messages=history, output_format=form).parsed_output

    def counted(self, model: str, history: list[Any]) -> int:
        return self.client.messages.count_tokens(model=model, messages=history).input_tokens

    def models(self) -> set[str]:
        return {model.id for model in self.client.models.list(limit=100)}

    def status(self, error: Exception) -> int:
        return getattr(error, "status_code", 0)

    def close(self) -> None:
        self.client.close()


class ChatAsker:
    """`client.chat.completions`."""

    errors = openai.APIError
    dialect = "openai_chat"

    def __init__(self, url: str, token: str) -> None:
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0)

    def user(self, text: str, image: bytes = b"") -> list[Any]:
        shown = [{"type": "image_url", "image_url": {"url": _data_url(image)}}] if image else []
        return [{"role": "user", "content": [{"type": "text", "text": text}, *shown]}]

    def results(self, answer: Answer, texts: dict[str, str]) -> list[Any]:
        return [{"role": "tool", "tool_call_id": call.id, "content": texts[call.name + call.arguments["city"]]} for call in answer.calls]

    def ask(self, model: str, history: list[Any], *, stream: bool, tools: bool = False, think: bool = False, force: bool = False) -> Answer:
        asked: dict[str, Any] = {"model": model, "messages": [{"role": "developer", "content": "Be brief."}, *history]}
        if tools:
            asked["tools"] = [{"type": "function", "function": {"name": "weather", "description": ABOUT, "parameters": WEATHER, "strict": True}}]
        if force:
            asked["tool_choice"] = "required"
        if think:
            asked["reasoning_effort"] = "low"
        if stream:
            with self.client.chat.completions.stream(**asked, stream_options={"include_usage": True}) as events:
                with contextlib.suppress(openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError):
                    events.until_done().get_final_completion()
                completion = events.current_completion_snapshot
        else:
            completion = self.client.chat.completions.create(**asked)
        (choice,) = completion.choices
        message, used = choice.message, completion.usage
        assert used is not None
        return Answer(
            message.content or message.refusal or "",
            getattr(message, "reasoning_content", None) or "",
            [Called(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []],
            choice.finish_reason,
            Counts(used.prompt_tokens, used.prompt_tokens_details.cached_tokens or 0, used.completion_tokens),
            [_said(message)],
            completion.model,
        )

    def parsed(self, model: str, history: list[Any], form: type[BaseModel]) -> BaseModel | None:
        return self.client.chat.completions.parse(model=model, messages=history, response_format=form).choices[0].message.parsed

    def counted(self, model: str, history: list[Any]) -> int:
        raise NotImplementedError

    def models(self) -> set[str]:
        return {model.id for model in self.client.models.list()}

    def status(self, error: Exception) -> int:
        return getattr(error, "status_code", 0)

    def close(self) -> None:
        self.client.close()


class ResponsesAsker(ChatAsker):
    """`client.responses`."""

    errors = (openai.APIError, RuntimeError)  # the second where a stream has no `response.completed`
    dialect = "openai_responses"

    def user(self, text: str, image: bytes = b"") -> list[Any]:
        shown = [{"type": "input_image", "image_url": _data_url(image), "detail": "auto"}] if image else []
        return [{"role": "user", "content": [{"type": "input_text", "text": text}, *shown]}]

    def results(self, answer: Answer, texts: dict[str, str]) -> list[Any]:
        return [{"type": "function_call_output", "call_id": call.id, "output": texts[call.name + call.arguments["city"]]} for call in answer.calls]

    def ask(self, model: str, history: list[Any], *, stream: bool, tools: bool = False, think: bool = False, force: bool = False) -> Answer:
        asked: dict[str, Any] = {"model": model, "instructions": "Be brief.", "input": history, "store": False}
        asked["include"] = ["reasoning.encrypted_content"]
        if tools:
            asked["tools"] = [{"type": "function", "name": "weather", "description": ABOUT, "parameters": WEATHER, "strict": True}]
        if force:
            asked["tool_choice"] = "required"
        if think:
            asked["reasoning"] = {"effort": "low", "summary": "auto"}
        if stream:
            with self.client.responses.stream(**asked) as events:
                (response,) = [event.response for event in events if event.type in {"response.completed", "response.incomplete"}] or [None]
                if response is None:
                    events.get_final_response()  # which says that there is none
        else:
            response = self.client.responses.create(**asked)
        used = response.usage
        assert used is not None
        why = response.incomplete_details.reason if response.incomplete_details else None
        return Answer(
            response.output_text or "".join(_refusals(response.output)),
            "".join(part.text for item in response.output if item.type == "reasoning" for part in [*item.summary, *(item.content or [])]),
            [Called(item.call_id, item.name, json.loads(item.arguments)) for item in response.output if item.type == "function_call"],
            why or str(response.status),
            Counts(used.input_tokens, used.input_tokens_details.cached_tokens, used.output_tokens),
            [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in response.output],
            response.model,
        )

    def parsed(self, model: str, history: list[Any], form: type[BaseModel]) -> BaseModel | None:
        return self.client.responses.parse(model=model, input=history, text_format=form).output_parsed

    def counted(self, model: str, history: list[Any]) -> int:
        return self.client.responses.input_tokens.count(model=model, input=history).input_tokens


class GeminiAsker:
    """`client.models` of Google's SDK."""

    errors = Exception  # a broken connection is no error of the SDK's own, but of the library below it
    dialect = "gemini"

    def __init__(self, url: str, token: str) -> None:
        options = types.HttpOptions(base_url=f"{url}/gemini", retry_options=types.HttpRetryOptions(attempts=1))
        self.client = genai.Client(api_key=token, http_options=options, vertexai=False)

    def user(self, text: str, image: bytes = b"") -> list[Any]:
        shown = [types.Part.from_bytes(data=image, mime_type="image/png")] if image else []
        return [types.UserContent([types.Part.from_text(text=text), *shown])]

    def results(self, answer: Answer, texts: dict[str, str]) -> list[Any]:
        parts = [
            types.Part(
                function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": texts[call.name + call.arguments["city"]]})
            )
            for call in answer.calls
        ]
        return [types.UserContent(parts)]

    def ask(self, model: str, history: list[Any], *, stream: bool, tools: bool = False, think: bool = False, force: bool = False) -> Answer:
        config = types.GenerateContentConfig(
            system_instruction="Be brief.", automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True)
        )
        if tools:
            declared = types.FunctionDeclaration(name="weather", description=ABOUT, parameters_json_schema=WEATHER)
            config.tools = [types.Tool(function_declarations=[declared])]
        if force:
            mode = types.FunctionCallingConfigMode.ANY
            config.tool_config = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode=mode))
        if think:
            config.thinking_config = types.ThinkingConfig(thinking_budget=1024, include_thoughts=True)
        if stream:
            chunks = list(self.client.models.generate_content_stream(model=model, contents=history, config=config))
        else:
            chunks = [self.client.models.generate_content(model=model, contents=history, config=config)]
        parts = [part for chunk in chunks for part in _parts(chunk)]
        last = chunks[-1]
        used = last.usage_metadata
        calls = [part.function_call for part in parts if part.function_call]
        return Answer(
            "".join(part.text for part in parts if part.text and not part.thought),
            "".join(part.text for part in parts if part.text and part.thought),
            [Called(call.id or "", call.name or "", call.args) for call in calls],
            last.candidates[0].finish_reason.name,
            Counts(
                used.prompt_token_count, used.cached_content_token_count or 0, (used.candidates_token_count or 0) + (used.thoughts_token_count or 0)
            ),
            [types.ModelContent(parts)],
            last.model_version or "",
        )

    def parsed(self, model: str, history: list[Any], form: type[BaseModel]) -> BaseModel | None:
        config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=form)
        found = self.client.models.generate_content(model=model, contents=history, config=config).parsed
        assert found is None or isinstance(found, BaseModel)
        return found

    def counted(self, model: str, history: list[Any]) -> int:
        return self.client.models.count_tokens(model=model, contents=history).total_tokens or 0

    def models(self) -> set[str]:
        return {(model.name or "").removeprefix("models/") for model in self.client.models.list()}

    def status(self, error: Exception) -> int:
        return getattr(error, "code", 0)

    def close(self) -> None:
        self.client.close()


ASKERS: dict[str, type[Asker]] = {"anthropic": AnthropicAsker, "openai_chat": ChatAsker, "openai_responses": ResponsesAsker, "gemini": GeminiAsker}


def _data_url(image: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(image).decode()}"


def _said(message: Any) -> dict[str, Any]:
    """A message as an application sends it back: what the API takes of it."""
    kept = message.model_dump(exclude_none=True, include={"role", "content", "refusal", "tool_calls"})
    for call in kept.get("tool_calls", []):
        call.pop("index", None)
        call["function"].pop("parsed_arguments", None)
    return kept


def _refusals(items: Iterable[Any]) -> Iterable[str]:
    return (part.refusal for item in items if item.type == "message" for part in item.content if part.type == "refusal")


def _parts(chunk: types.GenerateContentResponse) -> list[types.Part]:
    content = chunk.candidates[0].content if chunk.candidates else None
    return (content.parts if content else None) or []

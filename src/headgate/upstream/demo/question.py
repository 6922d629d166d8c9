"""What the demo provider understands of a request and what it makes of it, whatever the wire format. Plain data, no I/O."""

from typing import Any

import msgspec

Json = dict[str, Any]


class OfferedTool(msgspec.Struct, frozen=True):
    """A tool that the client offers. `freeform` takes plain text instead of arguments."""

    name: str
    schema: Json = {}
    freeform: bool = False

    @property
    def properties(self) -> Json:
        """The schemas of its arguments by name."""
        found = self.schema.get("properties")
        return found if isinstance(found, dict) else {}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request, read. `results` are the tool results since the last words of the user, `turns` the answers given before.

    `known_length` counts the characters that an earlier request already held, `fresh_length` those that are new; `caches` says that the client
    marked a place to cache up to. `choice` is empty, `none`, `any`, or a tool's name. `seed` makes ids: the same request, the same answer.
    """

    model: str
    prompt: str
    seed: str
    stream: bool = False
    tools: tuple[OfferedTool, ...] = ()
    choice: str = ""
    results: tuple[str, ...] = ()
    turns: int = 0
    known_length: int = 0
    fresh_length: int = 0
    caches: bool = False
    reasons: bool = False
    output_tokens_max: int = 0
    answer_schema: Json | None = None
    usage_in_stream: bool = True


class MadeCall(msgspec.Struct, frozen=True):
    """A call of one of the client's tools."""

    id: str
    tool: OfferedTool
    arguments: Json


class DemoCounts(msgspec.Struct, frozen=True):
    """Tokens by class; `reasoning` is part of `output`."""

    fresh: int
    read: int
    write: int
    output: int
    reasoning: int

    @property
    def input(self) -> int:
        """All input, whatever the cache did with it."""
        return self.fresh + self.read + self.write


class DemoAnswer(msgspec.Struct, frozen=True):
    """What to say: reasoning (empty for none), text, calls. `ended` is `stop`, `tools` or `length`."""

    id: str
    model: str
    reasoning: str
    text: str
    calls: tuple[MadeCall, ...]
    ended: str
    counts: DemoCounts

    def pieces(self) -> list[str]:
        """The text as a model would stream it: a few words at a time."""
        return pieces(self.text)


def pieces(text: str, words: int = 3) -> list[str]:
    """The text in groups of words; joined they are the text again."""
    parts = text.split(" ")
    groups = [" ".join(parts[at : at + words]) for at in range(0, len(parts), words)]
    return [group if index == 0 else f" {group}" for index, group in enumerate(groups)] if text else []


def tokens(length: int) -> int:
    """Tokens in so many characters, by the rule of thumb of four characters each."""
    return (length + 3) // 4

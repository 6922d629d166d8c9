"""A Chat Completions stream assembled into one completion, as the same answer would read unstreamed. Of a cut stream what arrived. Never raises."""

import msgspec

from headgate.dialects.lenient import decoded, items, mapping
from headgate.dialects.sse import whole_frames

_ANY = msgspec.json.Decoder()
_PLACES_MAX = 10_000
# Texts that come in pieces; every other member of a delta comes once.
_GROWING = frozenset({"content", "refusal", "reasoning", "reasoning_content", "arguments", "input", "thinking", "data", "transcript"})
_ONCE = frozenset({"choices", "object", "usage"})


def assemble(data: bytes) -> dict[str, object] | None:
    """The completion, or `None` if the bytes hold none."""
    whole: dict[str, object] = {}
    choices: dict[int, _Choice] = {}
    for _, frame in whole_frames(data):
        chunk = mapping(decoded(_ANY, frame))
        whole.update({name: value for name, value in chunk.items() if name not in _ONCE and value is not None and (value or name not in whole)})
        if chunk.get("usage") is not None:
            whole["usage"] = chunk["usage"]
        for place, choice in enumerate(items(chunk.get("choices"))):
            fields = mapping(choice)
            choices.setdefault(_index(fields, place), _Choice()).take(fields)
    if not whole and not choices:
        return None
    told = {"choices": [choices[index].whole(index) for index in sorted(choices)]} if choices else {}
    return {**whole, **({"object": "chat.completion"} if choices else {}), **told}


class _Choice:
    """One of the answers."""

    def __init__(self) -> None:
        self._message = _Growing()
        self._rest: dict[str, object] = {}

    def take(self, choice: object) -> None:
        fields = mapping(choice)
        self._message.take(fields.get("delta"))
        self._rest.update({
            name: value for name, value in fields.items() if name not in {"delta", "index"} and (value is not None or name not in self._rest)
        })

    def whole(self, index: int) -> dict[str, object]:
        return {"index": index, "message": self._message.whole(), **self._rest}


class _Growing:
    """An object whose texts grow, and whose lists grow: objects with an `index` grow one by one, anything else is appended."""

    def __init__(self) -> None:
        self._said: dict[str, object] = {}
        self._pieces: dict[str, list[str]] = {}
        self._inner: dict[str, _Growing] = {}
        self._lists: dict[str, dict[int, _Growing]] = {}
        self._plain: dict[str, list[object]] = {}

    def take(self, delta: object) -> None:
        for name, value in mapping(delta).items():
            if isinstance(value, str) and name in _GROWING:
                self._pieces.setdefault(name, []).append(value)
            elif isinstance(value, dict):
                self._inner.setdefault(name, _Growing()).take(value)
            elif isinstance(value, list):
                self._take_list(name, value)
            elif value is not None and value != "":  # ruff: ignore[compare-to-empty-string] - 0 and False are said
                self._said[name] = value
            else:
                self._said.setdefault(name, value)

    def _take_list(self, name: str, values: list[object]) -> None:
        for value in values:
            index = mapping(value).get("index")
            if type(index) is not int:
                self._plain.setdefault(name, []).append(value)
            elif 0 <= index < _PLACES_MAX:
                self._lists.setdefault(name, {}).setdefault(index, _Growing()).take(value)

    def whole(self) -> dict[str, object]:
        """What it has become."""
        grown: dict[str, object] = {name: "".join(pieces) for name, pieces in self._pieces.items()}
        inner: dict[str, object] = {name: item.whole() for name, item in self._inner.items()}
        lists: dict[str, object] = {name: [_without_index(found[index].whole()) for index in sorted(found)] for name, found in self._lists.items()}
        return {**self._said, **grown, **inner, **self._plain, **lists}


def _index(fields: object, place: int) -> int:
    index = mapping(fields).get("index")
    return index if type(index) is int and index >= 0 else place


def _without_index(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name != "index"}

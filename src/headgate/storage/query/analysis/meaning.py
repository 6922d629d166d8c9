"""How a function's meaning is written down: its forms, each with what it takes, what it gives, and DuckDB's text for it.

A form is written `string, int -> string`. The words are Databricks' types, or a letter that stands for a type which all its places have in common:

- `T`, `U`, `K`, `V`: any type; `N`: any number; `I`: a whole number; `E`: a day, or a moment in either form.
- `T...` at the end takes one or more of them. `array<T>` and `map<K, V>` have parts. `struct` takes any struct as `T` does.

In the text `$1` is the first argument and `$*` all of them with commas. An aggregate has `$d` where DISTINCT goes and `$o` where FILTER and OVER go.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from headgate.catalog import types
from headgate.catalog.types import Array, Map, Structure, Type
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.value import Value

if TYPE_CHECKING:
    from headgate.storage.query.analysis.call import FunctionCall

if TYPE_CHECKING:
    pass

Sort = Literal["scalar", "aggregate", "window", "rows"]
Rule = Callable[["FunctionCall"], Value]
"""Makes the value of a call by itself, where a meaning depends on constants, on lambdas or on more than types."""

_SPECIAL = {"void": kinds.VOID, "interval": kinds.DAY_TIME, "day_time": kinds.DAY_TIME, "year_month": kinds.YEAR_MONTH}
_LETTERS = frozenset("TUKVNIE")
_ARGUMENT = re.compile(r"\$(\d|\*)")


class Letter(msgspec.Struct, frozen=True):
    """A type that a form leaves open."""

    name: str


class ListOf(msgspec.Struct, frozen=True):
    """An array of what a form leaves open."""

    element: "Pattern"


class MapOf(msgspec.Struct, frozen=True):
    """A map of what a form leaves open."""

    key: "Pattern"
    value: "Pattern"


Pattern = Letter | ListOf | MapOf | Type


class CallForm(msgspec.Struct, frozen=True):
    """One way to call a function. `many` says that the last place may be repeated; `shown` is the column's name, with `$1` and so on for the arguments'."""

    takes: tuple[Pattern, ...]
    gives: Pattern
    text: str
    many: bool = False
    shown: str = ""


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """A function of Databricks: its names, and its forms or its rule. The example is run, and `gives` is its value as a text; `note` says what differs.

    A function that is `refused` names the nearest allowed way in that sentence.
    """

    names: tuple[str, ...]
    forms: tuple[CallForm, ...] = ()
    rule: Rule | None = None
    sort: Sort = "scalar"
    example: str = ""
    gives: str = ""
    note: str = ""
    refused: str = ""


def form(signature: str, text: str, shown: str = "") -> CallForm:
    """A form from its signature. Raises `ValueError` for a signature that is none."""
    taken, _, given = signature.partition("->")
    words = _parted(taken)
    many = bool(words) and words[-1].endswith("...")
    return CallForm(tuple(_pattern(word.removesuffix("...")) for word in words), _pattern(given), text, many, shown)


def scalar(names: str, *forms: CallForm, example: str = "", gives: str = "", note: str = "") -> Meaning:
    """A function of a row, by its names with spaces between."""
    return Meaning(names=tuple(names.split()), forms=forms, example=example, gives=gives, note=note)


def ruled(names: str, rule: Rule, *, sort: Sort = "scalar", example: str = "", gives: str = "", note: str = "") -> Meaning:
    """A function with a rule of its own."""
    return Meaning(names=tuple(names.split()), rule=rule, sort=sort, example=example, gives=gives, note=note)


def aggregate(names: str, *forms: CallForm, example: str = "", gives: str = "", note: str = "") -> Meaning:
    """A function of the rows of a group, which is a function of a window too."""
    return Meaning(names=tuple(names.split()), forms=forms, sort="aggregate", example=example, gives=gives, note=note)


def window(names: str, *forms: CallForm, example: str = "", gives: str = "", note: str = "") -> Meaning:
    """A function of a window alone."""
    return Meaning(names=tuple(names.split()), forms=forms, sort="window", example=example, gives=gives, note=note)


def not_taken(names: str, why: str) -> Meaning:
    """Functions that are refused by name, with the nearest allowed way."""
    return Meaning(names=tuple(names.split()), refused=why)


def filled(text: str, arguments: Sequence[str]) -> str:
    """A form's text with its arguments."""

    def argument(match: re.Match[str]) -> str:
        return ", ".join(arguments) if match[1] == "*" else arguments[int(match[1]) - 1]

    return _ARGUMENT.sub(argument, text)


def fit(one: CallForm, given: Sequence[Type], *, exact: bool) -> tuple[list[Type], Type] | None:
    """The types that the arguments are cast to, and the type of the call; None if the form does not fit.

    An `exact` fit leaves every argument as it is, except a NULL.
    """
    count = len(one.takes)
    if len(given) < count if one.many else len(given) != count:
        return None
    places = [*one.takes, *(one.takes[-1:] * (len(given) - count))] if one.many else list(one.takes)
    bound: dict[str, Type] = {}
    has_parts = len(given) > 1 and any(isinstance(place, (ListOf, MapOf)) for place in one.takes)
    for place, kind in zip(places, given, strict=True):
        before = dict(bound)
        if not _bind(place, kind, bound) or (has_parts and any(_mixes(before[name], kind) for name, kind in bound.items() if name in before)):
            return None
    wanted = [_resolved(place, bound) for place in places]
    if not all(
        kind in {want, kinds.VOID} or (not exact and kinds.takes(kind, want)) or _widens(kind, want) for kind, want in zip(given, wanted, strict=True)
    ):
        return None
    return wanted, _resolved(one.gives, bound)


def _widens(kind: Type, wanted: Type) -> bool:
    """Whether the type meets the wanted one as its common type, as the letters of a form are bound."""
    return kinds.common(kind, wanted) == wanted


def _mixes(before: Type, after: Type) -> bool:
    """Whether a text has met another type. What is put into an array, or looked up in one, is cast only between numbers or between times."""
    return before not in {after, kinds.VOID} and kinds.STRING in {before, after}


def _bind(place: Pattern, kind: Type, bound: dict[str, Type]) -> bool:
    match place:
        case Letter(name):
            if kind != kinds.VOID and not _fits_letter(name, kind):
                return False
            joined = kinds.common(bound.get(name, kinds.VOID), kind)
            if joined is None:
                return False
            bound[name] = joined
            return True
        case ListOf(element):
            return kind == kinds.VOID or (isinstance(kind, Array) and _bind(element, kind.element, bound))
        case MapOf(key, value):
            return kind == kinds.VOID or (isinstance(kind, Map) and _bind(key, kind.key, bound) and _bind(value, kind.value, bound))
        case _:
            return True


def _fits_letter(name: str, kind: Type) -> bool:
    match name:
        case "N":
            return kinds.is_number(kind)
        case "I":
            return kinds.is_integral(kind)
        case "E":
            return kind in kinds.TIMES
        case _:
            return True


def _resolved(place: Pattern, bound: dict[str, Type]) -> Type:
    match place:
        case Letter(name):
            return bound.get(name, kinds.VOID)
        case ListOf(element):
            return Array(_resolved(element, bound))
        case MapOf(key, value):
            return Map(_resolved(key, bound), _resolved(value, bound))
        case Structure():
            return place
        case _:
            return place


def _parted(text: str) -> list[str]:
    """The parts between commas that are in no brackets."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += {"<": 1, ">": -1, "(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _pattern(text: str) -> Pattern:
    word = text.strip()
    if word in _LETTERS:
        return Letter(word)
    if word in _SPECIAL:
        return _SPECIAL[word]
    head, bracket, rest = word.partition("<")
    inner = _parted(rest[:-1]) if bracket and rest.endswith(">") else []
    if head == "array" and len(inner) == 1:
        element = _pattern(inner[0])
        return ListOf(element)
    if head == "map" and len(inner) == 2:
        return MapOf(_pattern(inner[0]), _pattern(inner[1]))
    return types.parse_text(word)

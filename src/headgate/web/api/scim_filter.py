"""Filters of SCIM lists (RFC 7644, 3.4.2.2), as far as Databricks' interface has them: comparisons of one attribute with one value, joined by `and` and `or`."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from headgate.core.errors import BadRequest

_CHARS_MAX = 1024
_TERM = re.compile(r'\s*([A-Za-z][\w.]*)\s+(eq|ne|co|sw)\s+("(?:[^"\\]|\\.)*"|true|false)\s*', re.IGNORECASE)
_JOIN = re.compile(r"(and|or)\b", re.IGNORECASE)

Test = Callable[[dict[str, Any]], bool]


class Comparison(NamedTuple):
    """An attribute in lower case, an operator, and a value in lower case: the texts of SCIM are compared so, unless their case is said to count."""

    attribute: str
    operator: str
    value: str
    written: str  # the value as it was written

    def holds(self, one: dict[str, Any]) -> bool:
        """Whether an entry has such an attribute. Of an attribute with several values one is enough."""
        found = [text.lower() for text in _texts(one, self.attribute.split("."))]
        if self.operator == "ne":
            return self.value not in found
        tests = {"eq": str.__eq__, "co": str.__contains__, "sw": str.startswith}
        return any(tests[self.operator](text, self.value) for text in found)


def parsed(text: str) -> list[list[Comparison]]:
    """The alternatives of a filter, each a list of comparisons that all have to hold; none for an empty filter. Raises BadRequest."""
    if not text.strip():
        return []
    alternatives: list[list[Comparison]] = [[]]
    place = 0
    while len(text) <= _CHARS_MAX and (term := _TERM.match(text, place)) is not None:
        value = re.sub(r"\\(.)", r"\1", term[3][1:-1]) if term[3].startswith('"') else term[3]
        alternatives[-1].append(Comparison(term[1].lower(), term[2].lower(), value.lower(), value))
        if term.end() == len(text):
            return alternatives
        join = _JOIN.match(text, term.end())
        if join is None:
            break
        if join[1].lower() == "or":
            alternatives.append([])
        place = join.end()
    raise BadRequest(
        f'The filter {text[:64]!r} is not understood. Write comparisons such as userName eq "ada@example.com", with eq, ne, co or sw, joined by and, or.',
        code="INVALID_PARAMETER_VALUE",
    )


def passing(alternatives: list[list[Comparison]]) -> Test:
    """Whether an entry passes a filter."""
    return lambda one: not alternatives or any(all(each.holds(one) for each in terms) for terms in alternatives)


def name_asked(alternatives: list[list[Comparison]], attribute: str) -> str:
    """The name, if the filter asks for the one entry of a name and for nothing else; else empty."""
    if len(alternatives) == len(alternatives[0] if alternatives else ()) == 1:
        (term,) = alternatives[0]
        if (term.attribute, term.operator) == (attribute.lower(), "eq"):
            return term.written
    return ""


def _texts(value: Any, path: list[str]) -> list[str]:  # ruff: ignore[any-type] - what JSON has
    if isinstance(value, list):
        return [text for each in value for text in _texts(each, path)]
    if isinstance(value, dict):
        name = path[0] if path else "value"
        return [text for key, inner in value.items() if key.lower() == name for text in _texts(inner, path[1:])]
    return [str(value).lower() if isinstance(value, bool) else str(value)] if not path else []

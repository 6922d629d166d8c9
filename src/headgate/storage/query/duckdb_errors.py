"""DuckDB's errors over values, by Databricks' classes (https://docs.databricks.com/en/error-messages/error-classes.html)."""

import re

import msgspec

_KIND = re.compile(r"^[A-Z][\w ]+ Error: ")
_OWN = re.compile(r"^Invalid Input Error: \[([A-Z_.]+)\] (.*)", re.DOTALL)


class ErrorClass(msgspec.Struct, frozen=True, kw_only=True):
    """A class, and how DuckDB's words for it begin."""

    code: str
    words: re.Pattern[str]


_CLASSES = (
    ErrorClass(
        code="UNRESOLVED_COLUMN",
        words=re.compile(r"Binder Error: (?:Referenced (?:column|table) .* not found|.* does not have a column named |Could not find key )"),
    ),
    ErrorClass(code="DIVIDE_BY_ZERO", words=re.compile(r"Invalid Input Error: Division by zero")),
    ErrorClass(code="DUPLICATED_MAP_KEY", words=re.compile(r"Invalid Input Error: Map keys must be unique")),
    ErrorClass(code="NULL_MAP_KEY", words=re.compile(r"Invalid Input Error: Map keys can not be NULL")),
    ErrorClass(code="BINARY_ARITHMETIC_OVERFLOW", words=re.compile(r"Out of Range Error: Overflow in \w+ of INT(?:8|16) ")),
    ErrorClass(code="NUMERIC_VALUE_OUT_OF_RANGE", words=re.compile(r"Out of Range Error: Overflow in \w+ of (?:DECIMAL|INT128)")),
    ErrorClass(
        code="ARITHMETIC_OVERFLOW",
        words=re.compile(r"Out of Range Error: (?:Overflow|Cannot negate)|Conversion Error: Type INT128 with value "),
    ),
    ErrorClass(
        code="NUMERIC_VALUE_OUT_OF_RANGE",
        words=re.compile(r"Conversion Error: (?:Casting value .* to type DECIMAL|Could not cast value .* to DECIMAL)"),
    ),
    ErrorClass(
        code="CAST_OVERFLOW",
        words=re.compile(r"Conversion Error: (?:Type \w+ with value .* can't be cast|Failed to cast decimal value)"),
    ),
    ErrorClass(
        code="CAST_INVALID_INPUT",
        words=re.compile(r"Conversion Error: (?:Could not convert string|invalid |date field value|timestamp field value|Unimplemented)"),
    ),
)


def classified(message: str) -> tuple[str, str] | None:
    """The class and its message, as Databricks writes them; None for what has no class of Databricks' here."""
    own = _OWN.match(message)
    if own is not None:
        return own[1], f"[{own[1]}] {own[2]}"
    for one in _CLASSES:
        if one.words.match(message):
            said = message if one.code == "UNRESOLVED_COLUMN" else message.partition("\n")[0]
            return one.code, f"[{one.code}] {_KIND.sub('', said)}"
    return None

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
    ErrorClass(code="MISSING_AGGREGATION", words=re.compile(r"Binder Error: column .* must appear in the GROUP BY clause")),
    ErrorClass(code="NESTED_AGGREGATE_FUNCTION", words=re.compile(r"Binder Error: aggregate function calls cannot be nested")),
    ErrorClass(code="QUALIFY_REQUIRES_WINDOW_FUNCTION", words=re.compile(r"Binder Error: at least one window function must appear")),
    ErrorClass(
        code="WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE", words=re.compile(r"Binder Error: (?:WHERE|HAVING) clause cannot contain window functions")
    ),
    ErrorClass(code="INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", words=re.compile(r"(?:Binder|Out of Range) Error: LIMIT/OFFSET cannot be negative")),
    ErrorClass(code="INVALID_VARIANT_CAST", words=re.compile(r"Conversion Error: Can't convert VARIANT")),
    ErrorClass(
        code="INVALID_PARAMETER_VALUE.PATTERN",
        words=re.compile(
            r"Invalid Input Error: (?:missing [\]\)]|unexpected \)|no argument for repetition|invalid (?:escape|character|perl|named|repetition))"
        ),
    ),
    ErrorClass(code="INVALID_REGEXP_REPLACE", words=re.compile(r"Invalid Input Error: Invalid replacement string")),
    ErrorClass(code="DATETIME_FIELD_OUT_OF_BOUNDS", words=re.compile(r"Conversion Error: Date out of range")),
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
        words=re.compile(
            r"Conversion Error: (?:Casting value .* to type DECIMAL|Could not cast value .* to DECIMAL"
            r'|Could not convert string "[ +-]*[0-9]+(?:[.][0-9]*)?(?:[eE][+-]?[0-9]+)? *" to DECIMAL)'
        ),
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

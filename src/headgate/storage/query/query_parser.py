"""sqlglot's parser of Databricks' SQL, which leaves every function as it was written. What a function means is ours to say (`analysis`).

sqlglot knows hundreds of functions by classes of its own, and writes them for another engine as it thinks best. Where it is wrong, it is so without a word.
"""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.databricks import Databricks
from sqlglot.parsers.databricks import DatabricksParser

_OWN_GRAMMAR = frozenset({"CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "OVERLAY", "SUBSTRING", "SUBSTR"})
"""Functions whose arguments are no plain list."""
SUFFIXES = {
    "Y": exp.DType.TINYINT,
    "S": exp.DType.SMALLINT,
    "L": exp.DType.BIGINT,
    "F": exp.DType.FLOAT,
    "D": exp.DType.DOUBLE,
    "BD": exp.DType.DECIMAL,
}
"""The letters behind a number's literal, and the types that they give it."""
_T = TypeVar("_T")
_BEHIND_LISTS = frozenset({
    TokenType.SENTINEL, TokenType.SEMICOLON, TokenType.R_PAREN, TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY,
    TokenType.ORDER_BY, TokenType.LIMIT, TokenType.UNION,
})  # fmt: skip
LITERAL = "literal"
"""In the `meta` of a cast that was written as a number with a suffix: the suffix."""


_TIMES = (exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPNTZ)


def _typed_literal(_parser: object, this: exp.Expression, to: exp.DataType) -> exp.Expression:
    """`DATE'2026-01-31'`, marked as `typed`. What follows the literal, such as `::STRING`, has been read as a part of `this`."""
    inner = this
    while not isinstance(inner, exp.Literal):
        inner = inner.this
    typed = exp.Cast(this=inner.copy(), to=to, typed=True)
    if inner is this:
        return typed
    inner.replace(typed)
    return this


def _bytes_literal(parser: DatabricksParser, token: Token) -> exp.Expression:
    """`X'1F'`. sqlglot reads `0x1F` as the same, which is no literal of Databricks'."""
    if parser.sql[token.start] == "0":
        parser.raise_error("0x is no literal: write X'1F' for bytes")
    return parser.expression(exp.HexString(this=token.text))


class _Parser(DatabricksParser):
    FUNCTIONS: ClassVar = {"ARRAY": lambda args: exp.Array(expressions=args)}  # or `array(1)[0]` is read as `ARRAY[0]`
    FUNCTION_PARSERS: ClassVar = {
        **{name: parse for name, parse in DatabricksParser.FUNCTION_PARSERS.items() if name in _OWN_GRAMMAR},
        "SUBSTR": DatabricksParser.FUNCTION_PARSERS["SUBSTRING"],
    }
    PRIMARY_PARSERS: ClassVar = {**DatabricksParser.PRIMARY_PARSERS, TokenType.HEX_STRING: _bytes_literal}
    TYPE_LITERAL_PARSERS: ClassVar = dict.fromkeys(_TIMES, _typed_literal)
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {
        name: parse for name, parse in DatabricksParser.NO_PAREN_FUNCTION_PARSERS.items() if name in {"ANY", "CASE", "IF"}
    }
    UNARY_PARSERS: ClassVar = {  # sqlglot drops the sign, which makes a number of a text
        **DatabricksParser.UNARY_PARSERS,
        TokenType.PLUS: lambda self: self.expression(exp.Anonymous(this="positive", expressions=[self._parse_unary()])),
    }

    def _parse_csv(self, parse_method: Callable[[], _T | None], sep: TokenType = TokenType.COMMA) -> list[_T]:
        """A list without a comma behind its last item, which sqlglot would read over."""
        found = super()._parse_csv(parse_method, sep)
        if self._prev and self._prev.token_type == sep and (not self._curr or self._curr.token_type in _BEHIND_LISTS):
            self.raise_error("Something is missing behind the last comma")
        return found

    def _parse_alias(self, this: exp.Expr | None, explicit: bool = False) -> exp.Expr | None:  # ruff: ignore[boolean-type-hint-positional-argument] - sqlglot's own
        """A name behind an expression. A text in quotes is none."""
        found = super()._parse_alias(this, explicit)
        if found is not this and isinstance(found, exp.Alias) and self._prev.token_type == TokenType.STRING:
            self.raise_error("A name is written in backquotes, not in quotes")
        return found

    def _parse_column_ops(self, this: exp.Expr | None) -> exp.Expr | None:
        """The tokenizer makes three tokens of `1L`, as if it were `1::BIGINT`, all of them at the number's place."""
        if isinstance(this, exp.Literal) and self._curr and self._curr.token_type == TokenType.DCOLON and self._curr.start == self._prev.start:
            self._advance()
            suffix = self._curr.text.upper()
            self._advance()
            this = self.expression(exp.Cast(this=this, to=exp.DataType(this=SUFFIXES[suffix], nested=False)))
            this.meta[LITERAL] = suffix
        return super()._parse_column_ops(this)


class QueryDialect(Databricks):
    """Databricks' SQL with functions as they were written."""

    Parser = _Parser
    parser_class = _Parser  # type: ignore[assignment]

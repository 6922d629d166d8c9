"""sqlglot's parser of Databricks' SQL, which leaves every function as it was written. What a function means is ours to say (`analysis`).

sqlglot knows hundreds of functions by classes of its own, and writes them for another engine as it thinks best. Where it is wrong, it is so without a word.
"""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.databricks import Databricks
from sqlglot.parsers.databricks import DatabricksParser

from headgate.storage.query.analysis.value import refused

_OWN_GRAMMAR = frozenset({"CAST", "TRY_CAST", "EXTRACT", "TRIM", "OVERLAY"})
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
_ENDS = frozenset({TokenType.SENTINEL, TokenType.SEMICOLON, TokenType.R_PAREN})
_COMPARISONS = {**DatabricksParser.EQUALITY, **DatabricksParser.COMPARISON}
_BITS = {TokenType.PIPE: (1, exp.BitwiseOr), TokenType.CARET: (2, exp.BitwiseXor), TokenType.AMP: (3, exp.BitwiseAnd)}
_ANGLES = frozenset({TokenType.LT, TokenType.GT})
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


def _negative(parser: DatabricksParser) -> exp.Expr:
    """A sign is a part of the number behind it: `-1::STRING` casts -1."""
    is_number = parser._curr.token_type == TokenType.NUMBER  # ruff: ignore[private-member-access] - sqlglot's parsers are extended so
    this = parser._parse_unary()  # ruff: ignore[private-member-access]
    inner: exp.Expr | None = this
    while is_number and isinstance(inner, (exp.Cast, exp.Bracket)) and LITERAL not in inner.meta:
        inner = inner.this
    if inner is None or this is None or inner is this:
        return parser.expression(exp.Neg(this=this))
    inner.replace(exp.Neg(this=inner.copy()))
    return this


def _not(parser: DatabricksParser) -> exp.Expr:
    """`NOT x IS NULL`, which is not quite `x IS NOT NULL`: its name is another one."""
    inner = parser._parse_equality()  # ruff: ignore[private-member-access]
    return parser.expression(exp.Not(this=exp.Paren(this=inner) if isinstance(inner, exp.Is) else inner))


def _bytes_literal(parser: DatabricksParser, token: Token) -> exp.Expression:
    """`X'1F'`. sqlglot reads `0x1F` as the same, which is no literal of Databricks'."""
    if parser.sql[token.start] == "0":
        parser.raise_error("0x is no literal: write X'1F' for bytes")
    return parser.expression(exp.HexString(this=token.text))


def _listed_or(name: str, worded: Callable[[DatabricksParser], exp.Expr], word: TokenType) -> Callable[[DatabricksParser], exp.Expr]:
    """A function with a plain list of arguments, which keeps the name that it was called by, or with a grammar of words."""

    def parse(parser: DatabricksParser) -> exp.Expr:
        start = parser._index  # ruff: ignore[private-member-access] - sqlglot's parsers are extended so
        arguments = parser._parse_csv(parser._parse_bitwise)  # ruff: ignore[private-member-access]
        if parser._curr and parser._curr.token_type == word:  # ruff: ignore[private-member-access]
            parser._retreat(start)  # ruff: ignore[private-member-access]
            return worded(parser)
        return parser.expression(exp.Anonymous(this=name, expressions=arguments))

    return parse


def _no_identifier_clause(_parser: object) -> exp.Expr:
    raise refused("IDENTIFIER(…) is not taken: write the name itself, or a view.")


class _Parser(DatabricksParser):
    FUNCTIONS: ClassVar = {"ARRAY": lambda args: exp.Array(expressions=args)}  # or `array(1)[0]` is read as `ARRAY[0]`
    FUNCTION_PARSERS: ClassVar = {
        **{name: parse for name, parse in DatabricksParser.FUNCTION_PARSERS.items() if name in _OWN_GRAMMAR},
        "SUBSTRING": _listed_or("substring", DatabricksParser.FUNCTION_PARSERS["SUBSTRING"], TokenType.FROM),
        "SUBSTR": _listed_or("substr", DatabricksParser.FUNCTION_PARSERS["SUBSTRING"], TokenType.FROM),
        "POSITION": _listed_or("position", DatabricksParser.FUNCTION_PARSERS["POSITION"], TokenType.IN),
        "IDENTIFIER": _no_identifier_clause,
    }
    RESERVED_TOKENS: ClassVar = DatabricksParser.RESERVED_TOKENS - {TokenType.SELECT}  # behind AS any word is a name
    PRIMARY_PARSERS: ClassVar = {**DatabricksParser.PRIMARY_PARSERS, TokenType.HEX_STRING: _bytes_literal}
    TYPE_LITERAL_PARSERS: ClassVar = dict.fromkeys(_TIMES, _typed_literal)
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {
        name: parse for name, parse in DatabricksParser.NO_PAREN_FUNCTION_PARSERS.items() if name in {"ANY", "CASE", "IF"}
    }
    TERM: ClassVar = {**DatabricksParser.TERM, TokenType.DPIPE: exp.DPipe}
    UNARY_PARSERS: ClassVar = {  # sqlglot drops the sign, which makes a number of a text
        **DatabricksParser.UNARY_PARSERS,
        TokenType.DASH: _negative,
        TokenType.NOT: _not,
        TokenType.PLUS: lambda self: self.expression(exp.Anonymous(this="positive", expressions=[self._parse_unary()])),
    }

    def _parse_csv(self, parse_method: Callable[[], _T | None], sep: TokenType = TokenType.COMMA) -> list[_T]:
        """A list without a comma behind its last item, which sqlglot would read over."""
        found = super()._parse_csv(parse_method, sep)
        if self._prev and self._prev.token_type == sep and (not self._curr or self._curr.token_type in _BEHIND_LISTS):
            self.raise_error("Something is missing behind the last comma")
        return found

    def _parse_alias(self, this: exp.Expr | None, explicit: bool = False) -> exp.Expr | None:  # ruff: ignore[boolean-type-hint-positional-argument] - sqlglot's own
        """A name behind an expression. A text in quotes is none; FROM with nothing behind it is one."""
        if self._curr and self._curr.token_type == TokenType.FROM and (not self._next or self._next.token_type in _ENDS):
            self._advance()
            return self.expression(exp.Alias(this=this, alias=exp.to_identifier(self._prev.text)))
        found = super()._parse_alias(this, explicit)
        if found is not this and isinstance(found, exp.Alias) and self._prev.token_type == TokenType.STRING:
            self.raise_error("A name is written in backquotes, not in quotes")
        return found

    def _parse_types(
        self,
        check_func: bool = False,  # ruff: ignore[boolean-type-hint-positional-argument] - sqlglot's own
        schema: bool = False,  # ruff: ignore[boolean-type-hint-positional-argument]
        allow_identifiers: bool = True,  # ruff: ignore[boolean-type-hint-positional-argument]
        with_collation: bool = False,  # ruff: ignore[boolean-type-hint-positional-argument]
    ) -> exp.Expr | None:
        """A type. Where a call may be, `array(` or `date(` begins one: sqlglot would read all that is in the parentheses twice, at each level."""
        if check_func and self._next.token_type == TokenType.L_PAREN and self._curr.token_type in self.TYPE_TOKENS:
            return None
        return super()._parse_types(check_func, schema, allow_identifiers, with_collation)

    def _parse_equality(self, parse_is: bool = True) -> exp.Expr | None:  # ruff: ignore[boolean-type-hint-positional-argument] - sqlglot's own
        """Comparisons, all of one level from left to right, and one predicate of all that is before it: `a = b IS NULL` asks about `a = b`."""
        del parse_is
        this = self._parse_bitwise()
        while (made := _COMPARISONS.get(self._curr.token_type)) is not None:
            self._advance()
            this = self.expression(made(this=this, expression=self._parse_bitwise()))
        return self._parse_range(this, parse_is=True)

    def _parse_bitwise(self) -> exp.Expr | None:
        """`&` binds tighter than `^`, and that than `|`."""
        this = self._parse_shift()
        return self._parse_bits(this, 1) if self._curr.token_type in _BITS else this

    def _parse_bits(self, this: exp.Expr | None, least: int) -> exp.Expr | None:
        while (found := _BITS.get(self._curr.token_type)) is not None and found[0] >= least:
            self._advance()
            right = self._parse_bits(self._parse_shift(), found[0] + 1)
            this = self.expression(found[1](this=this, expression=right))
        return this

    def _parse_shift(self) -> exp.Expr | None:
        """`<<`, `>>` and `>>>`, which are two or three tokens that touch."""
        this = self._parse_term()
        while (word := self._shift()) is not None:
            self._advance(len(word))
            this = self.expression(exp.Anonymous(this=word, expressions=[this, self._parse_term()]))
        return this

    def _shift(self) -> str | None:
        first = self._curr
        if first.token_type not in _ANGLES or self._next.token_type != first.token_type or self._next.start != first.start + 1:
            return None
        third = self._tokens[self._index + 2]
        return ">>>" if first.text == ">" == third.text and third.start == first.start + 2 else first.text * 2

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

"""A cursor over a statement's tokens, for the commands that sqlglot's parser leaves as text. Reads names, words, strings and numbers; knows no statement."""

import math
from collections.abc import Sequence
from typing import ClassVar

import sqlglot
from sqlglot import exp, parser
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from headgate.catalog import names
from headgate.catalog.names import Name
from headgate.core.errors import BadRequest

STATEMENT_CHARS_MAX = 262_144
COMPILED = "The package sqlglotc is installed beside sqlglot. With it no statement can be read: run `pip uninstall sqlglotc`."
NOT_UNDERSTOOD = (SqlglotError, ValueError, LookupError, ArithmeticError, AttributeError, TypeError)
"""What sqlglot raises for texts that it cannot read or write."""


class _Tokenizer(Databricks.Tokenizer):
    """Databricks' tokens, with `SHOW`, `OPTIMIZE` and the like split into words; sqlglot's own leaves their tail as one string."""

    COMMANDS: ClassVar[set[TokenType]] = set()


def refused(message: str) -> BadRequest:
    """A refusal in the words that Databricks' clients look for."""
    return BadRequest(f"[PARSE_SYNTAX_ERROR] {message}", code="PARSE_SYNTAX_ERROR")


def is_compiled() -> bool:
    """Whether sqlglot is the compiled one of the package sqlglotc. Its parser does not call the methods of Headgate's classes."""
    return not str(parser.__file__).endswith(".py")


def tokenize(text: str) -> list[Token]:
    """The tokens of exactly one statement, a trailing semicolon removed."""
    if len(text) > STATEMENT_CHARS_MAX:
        raise BadRequest(f"The statement has {len(text)} characters; at most {STATEMENT_CHARS_MAX} are taken.", code="STATEMENT_TOO_LARGE")
    try:
        found = list(_Tokenizer(dialect="databricks").tokenize(text))
    except TokenError as error:
        raise refused(f"The statement cannot be read: {error}") from error
    while found and found[-1].token_type == TokenType.SEMICOLON:
        found.pop()
    if not found:
        raise refused("The statement is empty.")
    if any(token.token_type == TokenType.SEMICOLON for token in found):
        raise refused("Exactly one statement is run at a time; there is a semicolon inside.")
    return found


def parse(text: str, dialect: type[Databricks] = Databricks, tokens: Sequence[Token] = ()) -> list[exp.Expr | None]:
    """The trees that sqlglot makes of a text, from its tokens if they are given. Whatever its parser stumbles over is a refusal: it meets unfinished texts with errors of many classes."""
    try:
        return list(dialect().parser().parse(list(tokens), text) if tokens else sqlglot.parse(text, read=dialect))
    except ParseError as error:
        place = error.errors[0] if error.errors else {}
        raise refused(f"{place.get('description', 'Not understood')} (line {place.get('line', 1)}, column {place.get('col', 1)})") from error
    except RecursionError as error:
        raise refused("The statement is nested too deeply.") from error
    except NOT_UNDERSTOOD as error:
        raise refused(COMPILED if is_compiled() else "The statement cannot be read; perhaps a part of it is missing.") from error


def split(text: str) -> list[str]:
    """The statements of a script, which semicolons part; comments and empty ones are left out."""
    try:
        found = list(_Tokenizer(dialect="databricks").tokenize(text))
    except TokenError as error:
        raise refused(f"The script cannot be read: {error}") from error
    statements: list[str] = []
    start: int | None = None
    for place, token in enumerate(found):
        if token.token_type == TokenType.SEMICOLON:
            start = None
            continue
        start = token.start if start is None else start
        last = place + 1 == len(found) or found[place + 1].token_type == TokenType.SEMICOLON
        if last:
            statements.append(text[start : token.end + 1])
    return statements


class StatementCursor:
    """A position in a statement's tokens. `take_…` moves on or raises; `skip` moves on where it can and says so."""

    def __init__(self, tokens: Sequence[Token], defaults: tuple[str, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._defaults = defaults

    @property
    def done(self) -> bool:
        """Whether every token has been read."""
        return self._at >= len(self._tokens)

    def peek(self, ahead: int = 0) -> str:
        """The text of a token in upper case; empty past the end."""
        position = self._at + ahead
        return self._tokens[position].text.upper() if position < len(self._tokens) else ""

    def skip(self, words: str) -> bool:
        """Skip these words if they are next."""
        wanted = words.split()
        # sqlglot joins some pairs (`PARTITION BY`) into one token, so the text is compared word by word.
        joined: list[str] = []
        ahead = 0
        while len(joined) < len(wanted) and self.peek(ahead):
            joined += self.peek(ahead).split()
            ahead += 1
        if joined != wanted or self._quoted(0):
            return False
        self._at += ahead
        return True

    def expect(self, words: str) -> None:
        """Move past these words, or refuse."""
        if not self.skip(words):
            raise refused(f"{words} is expected, not {self._here()}.")

    def finish(self) -> None:
        """Refuse whatever is left."""
        if not self.done:
            raise refused(f"{self._here()} is not understood here.")

    def take_word(self) -> str:
        """The next token's text as it was written."""
        if self.done:
            raise refused("The statement ends too early.")
        self._at += 1
        return str(self._tokens[self._at - 1].text)

    def take_rest(self, text: str) -> str:
        """The rest of the statement as it is written in `text`, which the tokens are of. Refuses an empty one."""
        if self.done:
            raise refused("The statement ends too early: a query is expected.")
        start, self._at = self._tokens[self._at].start, len(self._tokens)
        return text[start : self._tokens[-1].end + 1]

    def split_at(self, word: str, text: str) -> tuple[str, str]:
        """The statement's text before the first bare word of this kind outside of parentheses, and behind it; all of it and nothing without one."""
        depth = 0
        for place, token in enumerate(self._tokens):
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.token_type != TokenType.STRING else 0
            if (
                not depth
                and place + 1 < len(self._tokens)
                and token.token_type not in {TokenType.STRING, TokenType.IDENTIFIER}
                and token.text.upper() == word
            ):
                return text[: token.start], text[self._tokens[place + 1].start : self._tokens[-1].end + 1]
        return text, ""

    def take_string(self) -> str:
        """A quoted string."""
        if self.done or self._tokens[self._at].token_type != TokenType.STRING:
            raise refused(f"A quoted string is expected, not {self._here()}.")
        return self.take_word()

    def take_number(self) -> float:
        """A number."""
        if self.done or self._tokens[self._at].token_type != TokenType.NUMBER:
            raise refused(f"A number is expected, not {self._here()}.")
        word = self.take_word()
        try:
            number = float(word)
        except ValueError as error:  # the tokenizer takes `1e` for a number
            raise refused(f"{word[:60]!r} is not a number.") from error
        if not math.isfinite(number):
            raise refused(f"{word[:60]!r} is too large a number.")
        return number

    def take_parts(self) -> tuple[str, ...]:
        """A dotted name's parts, unchecked."""
        parts = [self._part()]
        while self.peek() == ".":
            self._at += 1
            parts.append(self._part())
        return tuple(parts)

    def take_name(self, levels: int) -> Name:
        """A catalog's, schema's or table's name; missing parts come from the session's catalog and schema."""
        return names.of_parts(self.take_parts(), levels, self._defaults[: levels - 1])

    def take_service(self) -> Name:
        """A model service's name; missing parts come from the session's catalog and schema.

        Databricks writes `system.ai.databricks-claude-opus-4-6` without backquotes, so what follows a part without a space belongs to it.
        """
        parts = [self._run()]
        while self.peek() == ".":
            self._at += 1
            parts.append(self._run())
        return names.service_of_parts(tuple(parts), self._defaults)

    def _run(self) -> str:
        """One part of a name, with the hyphens in it and what they join."""
        quoted, part = self._quoted(0), self._part()
        while not quoted and not self.done and self.peek() != "." and self._tokens[self._at].start == self._tokens[self._at - 1].end + 1:
            part += self.take_word()
        return part

    def default_name(self, levels: int) -> Name:
        """The session's own catalog or schema."""
        return names.of_parts(self._defaults[:levels], levels)

    def take_principal(self) -> str:
        """A user, service principal or group: bare, in backquotes or as a string; a bare e-mail address is put together again."""
        start = self._at
        word = self.take_word()
        if self._tokens[start].token_type in {TokenType.IDENTIFIER, TokenType.STRING}:
            return word
        while not self.done and self._tokens[self._at].start == self._tokens[self._at - 1].end + 1:
            word += self.take_word()
        return word

    def take_list(self) -> tuple[str, ...]:
        """Column names in parentheses."""
        self.expect("(")
        columns = [".".join(self.take_parts())]
        while self.skip(","):
            columns.append(".".join(self.take_parts()))
        self.expect(")")
        return tuple(columns)

    def take_properties(self) -> dict[str, str]:
        """`('key' = 'value', other.key = 7)`."""
        self.expect("(")
        properties: dict[str, str] = {}
        while not self.skip(")"):
            key = self.take_string() if self._is_string() else ".".join(self.take_parts())
            self.skip("=")
            properties[key] = self.take_word()
            if not self.skip(","):
                self.expect(")")
                break
        return properties

    def _part(self) -> str:
        if self.done or self._is_string() or not (self._quoted(0) or self.peek().isidentifier() or self.peek()[0].isalnum()):
            raise refused(f"A name is expected, not {self._here()}.")
        return self.take_word()

    def _is_string(self) -> bool:
        return not self.done and self._tokens[self._at].token_type == TokenType.STRING

    def _quoted(self, ahead: int) -> bool:
        position = self._at + ahead
        return position < len(self._tokens) and self._tokens[position].token_type == TokenType.IDENTIFIER

    def _here(self) -> str:
        return "the end of the statement" if self.done else repr(self._tokens[self._at].text[:60])

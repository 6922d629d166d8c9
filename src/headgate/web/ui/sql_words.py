"""The words of an SQL text, as far as a process without a parser can see them: which names it uses, which parameters, and whether it is one whole statement.

Texts in quotes and comments are skipped. What a statement means is decided where it runs.
"""

import re
from collections.abc import Mapping

import msgspec

_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>[rR]?'(?:\\.|''|[^'\\])*'|"(?:\\.|""|[^"\\])*")
    |(?P<name>`(?:``|[^`])+`|[^\W\d]\w*)
    |(?P<number>\d[\w.]*)
    |(?P<parameter>:[^\W\d]\w*)
    |(?P<mark>::|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENS = {"(": ")", "[": "]", "{": "}"}
_AFTER_SOURCES = {"", ")", "where", "group", "order", "limit"}

_Token = tuple[str, str, int]


class SqlWords(msgspec.Struct, frozen=True):
    """What a statement's text consists of. `names` are its words in lower case, keywords too, and `read` those of them that may name what it reads: not only
    new names after an AS. `starred` are the names whose columns a bare `*` takes all, with an empty one where that is not plain, and `own` those of the
    statement's common table expressions.
    """

    first: str
    names: frozenset[str]
    read: frozenset[str]
    parameters: frozenset[str]
    starred: frozenset[str]
    own: frozenset[str]
    error: str = ""
    error_line: int = 0  # from 0, within the text

    def every_column(self, relation: str) -> bool:
        """Whether a star may take all columns of a relation: not where each one is over common table expressions that the statement defines."""
        return relation in self.starred or not self.starred <= self.own


def read_words(text: str) -> SqlWords:
    """The words of one statement."""
    tokens = [(match.lastgroup or "", match[0], match.start()) for match in _TOKEN.finditer(text) if match.lastgroup != "blank"]
    names = [_plain(word) for kind, word, _ in tokens if kind == "name"]
    error, at = _error(tokens)
    return SqlWords(
        first=tokens[0][1].lower() if tokens else "",
        names=frozenset(names),
        read=frozenset(
            _plain(word)
            for before, (kind, word, _) in zip([("", "", 0), *tokens], tokens, strict=False)
            if kind == "name" and _plain(before[1]) != "as"
        ),
        parameters=frozenset(word[1:].lower() for kind, word, _ in tokens if kind == "parameter"),
        starred=frozenset(name for index, (_, word, _) in enumerate(tokens) if word == "*" for name in _starred(tokens, index)),
        own=frozenset(
            _plain(word)
            for (kind, word, _), (_, between, _), (_, after, _) in zip(tokens, tokens[1:], tokens[2:], strict=False)
            if kind == "name" and (_plain(between), after) == ("as", "(")
        ),
        error=error,
        error_line=text.count("\n", 0, at),
    )


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with each parameter replaced by the SQL given for it, outside of texts and comments."""

    def written(match: re.Match[str]) -> str:
        return values.get(match[0][1:].lower(), match[0]) if match.lastgroup == "parameter" else match[0]

    return _TOKEN.sub(written, text)


def _plain(word: str) -> str:
    return word.strip("`").lower()


def _starred(tokens: list[_Token], index: int) -> set[str]:
    """What a star takes all columns of: nothing where it is a product or of `count(*)`, an empty name where that is not plain."""
    match tokens[index - 1][1].lower():
        case ".":
            return {_plain(tokens[index - 2][1])}
        case "select" | "," | "distinct" | "all":
            return _sources(tokens[index + 1 :])
    return set()


def _sources(tokens: list[_Token]) -> set[str]:
    """The names that follow the FROM of the same SELECT, where it is a plain list of names."""
    words, found = [(kind, word.lower()) for kind, word, _ in tokens] + [("", "")], set()
    first = _after_from([word for _, word in words])
    for (kind, word), (_, after) in zip(words[first::2], words[first + 1 :: 2], strict=False):
        if kind != "name":
            break
        found.add(_plain(word))
        if after in _AFTER_SOURCES:
            return found
        if after != ",":
            break
    return {""}


def _after_from(words: list[str]) -> int:
    """Where the next FROM of the same SELECT ends, or the statement."""
    depth = 0
    for place, word in enumerate(words, start=1):
        depth += (word in _OPENS) - (word in _OPENS.values())
        if depth < 0 or (depth == 0 and word == "from"):
            return place
    return len(words)


def _error(tokens: list[_Token]) -> tuple[str, int]:
    if not tokens:
        return "The SQL is empty.", 0
    if tokens[0][1].lower() not in {"select", "with", "values", "("}:
        return f"The SQL begins with `{tokens[0][1][:32]}`. A tile's SQL reads: it begins with SELECT or WITH.", tokens[0][2]
    open_marks: list[tuple[str, int]] = []
    for kind, word, at in tokens:
        if kind != "mark":
            continue
        if word in {"'", '"', "`"}:
            return f"A {word} is not closed.", at
        if word == ";":
            return "A tile has one statement: leave the semicolon out.", at
        if word in _OPENS:
            open_marks.append((word, at))
        elif word in _OPENS.values() and (not open_marks or _OPENS[open_marks.pop()[0]] != word):
            return f"A `{word}` closes nothing.", at
    return (f"A `{open_marks[-1][0]}` is not closed.", open_marks[-1][1]) if open_marks else ("", 0)

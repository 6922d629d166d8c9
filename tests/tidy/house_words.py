"""Expressions that only this project would understand, and what to write instead. Each is wrong wherever it is found; words with a plain use are not listed."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

# Each pattern, and plain words for it.
HOUSE_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"\bwho(?:m)?ever\b", "name the subject: the user, the client, the caller, the process that …"),
        (r"\b(?:nobody|somebody|anybody)\b", "name the subject: no user, another process, any client; or use the passive"),
        (
            r"(?:\A|[.:;] )who (?:is|has|may|can|asks?|reads?|writes?|calls?|sends?|waits?|comes?|made|makes|wants|needs|says)\b(?![^.\n]*\?)",
            "a client that …, a user who …",
        ),
        (r"\bof (?:its|their) own accord\b", "by itself, without being asked"),
        (r"\bof (?:ours|theirs)\b", "Headgate's; the client's"),
        (r"\bgiv(?:es?|ing) way\b", "is dropped first, yields"),
        (r"\bhand(?:s|ed|ing)? (?:it |them |him )?(?:over|in|out)\b", "pass, return, give"),
        (r"\b(?:is|are|was|were|be|been|not|gets?|being) told\b", "is reported, is logged, is shown, is known"),
        (r"\btold (?:of|by|apart)\b", "reported; distinguished by"),
        (r"\bbut for\b", "except, except for"),
        (r", for (?:it|they|nothing|none|he|we)\b", "because"),
        (r"\bstands?\b(?!\s+for\b)|\bstood\b", "is, is in"),
        (r"\b(?:lies|lay|lain)\b", "is, is at"),
        (r"\bsuch a one\b|\bsuch ones\b|\bmust be ones\b", "repeat the noun"),
        (r"\bthe house\b", "Headgate, the project"),
        (r"\bdoors?\b|\bdesk\b", "API, endpoint, edge; pages"),
        (r"\b(?:is|are|was|were|been|be) carried\b|\bcarr(?:y|ies|ied|ying) (?:\w+ )?(?:into|over|on|away|out)\b", "is written, is copied"),
        (r"\btak(?:es?|en|ing) up\b(?! to)", "uses, applies, starts"),
        (r"\bgo(?:es)? (?:before|first)\b", "wins, has precedence, comes first"),
        (r"\bmistakes? of (?:ours|Headgate's)\b", "a bug in Headgate"),
        (r"\bas (?:it|they) stands?\b", "as it is, unchanged"),
        (r"\b(?:this|that) is somebody else's\b|\bis somebody else's\b", "… does that"),
    )
)


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The prose of a file with its line: a page whole; of a module its docstrings and comments."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield 1, content
        return
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node, clean=False):
            yield node.body[0].lineno, ast.get_docstring(node, clean=False) or ""
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def found(path: Path) -> Iterator[str]:
    """Every house word in a file: where, what, and plain words for it."""
    for line, text in texts(path):
        for pattern, instead in HOUSE_WORDS:
            for match in pattern.finditer(text):
                at = line + text.count("\n", 0, match.start())
                yield f"{path.name}:{at}: {' '.join(match[0].split())!r} → {instead}"

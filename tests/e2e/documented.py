"""The documentation as tests use it: its code blocks by language and by name, so that what is run is what is printed.

A block gets a name by a comment on the line above it: `<!-- block: claude-code -->`. Nobody sees it on the page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))

HOST = "http://127.0.0.1:8484"  # as the documentation prints it
TOKEN = "<token>"
_MODEL = re.compile(r"(?:databricks-)?(?:claude-opus-4-6|gpt-5[.-]2|gemini-2[.-]5-flash)")

_NAME = re.compile(r"\s*<!-- block: ([a-z0-9-]+) -->\s*")
_FENCE = re.compile(r"(\s*)```([a-z]*)\s*")


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, what it is, and its text with a line break at the end."""

    page: str
    line: int
    language: str
    text: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> Iterator[Block]:
    """Every fenced block of a page, in order."""
    name = ""
    opened: tuple[int, str, str] | None = None  # line, indentation, language
    held: list[str] = []
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.fullmatch(line)
        if opened is None and fence:
            opened, held = (number, fence[1], fence[2]), []
        elif opened is not None and fence:
            yield Block(page, opened[0], opened[2], "\n".join([*held, ""]), name)
            opened, name = None, ""
        elif opened is not None:
            held.append(line.removeprefix(opened[1]))
        else:
            named = _NAME.fullmatch(line)
            name = named[1] if named else name if not line.strip() else ""


def block(name: str, page: str = "docs/agents.md") -> Block:
    """The one block of this name."""
    (found,) = [each for each in blocks(page) if each.name == name]
    return found


def filled(name: str, url: str, token: str, model: str = "") -> str:
    """The text of a block of the page on agents as a user would fill it in: the address, the token and, if another, the model's name in their places."""
    text = block(name).text.replace(HOST, url).replace(TOKEN, token)
    return _MODEL.sub(model, text) if model else text

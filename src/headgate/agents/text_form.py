"""What a form of file can do with a text: read it as a tree, and set, restore or remove one value while every other character stays as it is."""

from typing import Any, Final, Protocol

Path = tuple[str, ...]
MISSING: Final = object()  # distinguishes a value that is absent from one that is null


class Broken(ValueError):
    """The text is not what its form says. `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line, self.reason = line, reason


class CannotSet(ValueError):
    """The value cannot be put there without another value of the user's being moved or removed."""

    def __init__(self, path: Path) -> None:
        super().__init__(".".join(path))
        self.path = path


class TextForm(Protocol):
    """One form. Every function takes a text that `tree` accepts, and raises Broken otherwise."""

    def tree(self, text: str) -> dict[str, Any]:
        """The text as nested mappings; a blank text is empty."""
        ...

    def raw(self, text: str, path: Path) -> str | None:
        """A value as it is written; `None` if it is absent."""
        ...

    def put(self, text: str, path: Path, value: object) -> str:
        """The text with a value set, in place where there is one, else at the end of what holds it."""
        ...

    def put_raw(self, text: str, path: Path, raw: str) -> str:
        """The text with a value that is there replaced by one that is written already."""
        ...

    def remove(self, text: str, path: Path) -> str:
        """The text without a value or a whole table; unchanged if it is absent."""
        ...


def value_at(tree: object, path: Path) -> Any:  # ruff: ignore[any-type] what a file holds
    """The value at a path of a tree, or MISSING."""
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return MISSING
        tree = tree[key]
    return tree


def line_of(text: str, position: int) -> int:
    """The number of a position's line, from 1."""
    return text.count("\n", 0, position) + 1


def newline_of(text: str) -> str:
    """How the text ends its lines: as the first line does."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"

"""What is wrong with a configuration, said so that a person can mend it: where, what, and the nearest right word."""

from collections.abc import Iterable, Mapping

import msgspec

from headgate.core import spelling

Path = tuple[str | int, ...]


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong. `where` is the file, or the variable that said it; `line` is 0 where there is none."""

    where: str
    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line else self.where
        return ": ".join(part for part in (place, self.path, self.reason) if part)


class ConfigError(Exception):
    """The configuration is refused as a whole; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """Collects problems of one file, and finds the line of each from the path of its key."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self._file = file
        self._lines = lines
        self.found: list[Problem] = []
        self._wrong: set[Path] = set()

    def add_wrong(self, path: Path, reason: str, meant: str = "") -> None:
        """Note a key that is unknown or has a value of the wrong type. That it, or the key that was `meant`, is missing then is not noted too."""
        self._note(path, reason)
        self._wrong |= {path, path[:-1], (*path[:-1], meant)}

    def add(self, path: Path, reason: str) -> None:
        """Note what is wrong at a key; a key that is not written is placed at the table it would stand in."""
        if path not in self._wrong:
            self._note(path, reason)

    def _note(self, path: Path, reason: str) -> None:
        at = path
        while at and at not in self._lines:
            at = at[:-1]
        self.found.append(Problem(self._file, self._lines.get(at, 0), written(path), reason))

    def add_of(self, variable: str, reason: str) -> None:
        """Note what is wrong with a value that an environment variable or an option gave."""
        self.found.append(Problem(variable, 0, "", reason))

    def raise_any(self) -> None:
        """Raise ConfigError if anything was noted, in the order of the file."""
        if self.found:
            raise ConfigError(sorted(self.found, key=lambda problem: problem.line))


def written(path: Path) -> str:
    """A path as people write it: `providers[0].base_url`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """` — did you mean X?` for the nearest known word; the known words themselves where none is near and they are few."""
    words = list(known)
    close = closest(word, words)
    if close:
        return f" — did you mean {close!r}?"
    if words and len(words) <= 12:
        return f" — known: {', '.join(words)}"
    return ""


def closest(word: str, known: Iterable[str]) -> str:
    """The nearest known word; empty where none is near."""
    return spelling.nearest(word, sorted(known))

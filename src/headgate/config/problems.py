"""The problems of a configuration, described so that a person can fix them: where, what, and the nearest valid word."""

from collections.abc import Iterable, Mapping

import msgspec

from headgate.core import spelling

Path = tuple[str | int, ...]


class Problem(msgspec.Struct, frozen=True):
    """One problem. `where` is the file, or the variable with the value; `line` is 0 if there is none."""

    where: str
    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line else self.where
        return ": ".join(part for part in (place, self.path, self.reason) if part)


class ConfigError(Exception):
    """The whole configuration is refused; `problems` lists everything that is wrong with it."""

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
        """Note a key that is unknown or has a value of the wrong type. The same key, or the key that was `meant`, is then not also reported as missing."""
        self._note(path, reason)
        self._wrong |= {path, path[:-1], (*path[:-1], meant)}

    def add(self, path: Path, reason: str) -> None:
        """Note a problem at a key. A missing key gets the line of the table it belongs to."""
        if path not in self._wrong:
            self._note(path, reason)

    def _note(self, path: Path, reason: str) -> None:
        at = path
        while at and at not in self._lines:
            at = at[:-1]
        self.found.append(Problem(self._file, self._lines.get(at, 0), written(path), reason))

    def add_of(self, variable: str, reason: str) -> None:
        """Note a problem with the value of an environment variable or an option."""
        self.found.append(Problem(variable, 0, "", reason))

    def raise_any(self) -> None:
        """Raise ConfigError if anything was noted, in the order of the file."""
        if self.found:
            raise ConfigError(sorted(self.found, key=lambda problem: problem.line))


def written(path: Path) -> str:
    """A path in the usual notation: `providers[0].base_url`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """` — did you mean X?` for the nearest known word; if none is near, the known words themselves, if they are few."""
    words = list(known)
    close = closest(word, words)
    if close:
        return f" — did you mean {close!r}?"
    if words and len(words) <= 12:
        return f" — known: {', '.join(words)}"
    return ""


def closest(word: str, known: Iterable[str]) -> str:
    """The nearest known word; empty if none is near."""
    return spelling.nearest(word, sorted(known))

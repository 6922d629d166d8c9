"""The parts of a YAML file with their lines: a mapping is read key by key, and everything that is wrong is noted with its line and what is right.

Reading goes on after a problem, so that a person sees all of them at once. It knows no dashboard.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import yaml

from headgate.core.spelling import did_you_mean, nearest

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast, where it is there
_PARSER_LINES_MAX = 3


class FileProblem(msgspec.Struct, frozen=True, order=True):
    """What is wrong in a file, and in which line, counted from 1."""

    line: int
    text: str


class FileProblems:
    """What was found wrong so far."""

    def __init__(self) -> None:
        self._found: list[FileProblem] = []

    def note(self, node: yaml.Node | int, text: str) -> None:
        """Add a problem at a node or a line."""
        self._found.append(FileProblem(node if isinstance(node, int) else line_of(node), text))

    def sorted(self) -> tuple[FileProblem, ...]:
        """All of them, each once, by their lines."""
        return tuple(sorted(set(self._found)))


def line_of(node: yaml.Node) -> int:
    """The line in which a node begins."""
    return int(node.start_mark.line) + 1


def compose(text: str, problems: FileProblems) -> yaml.Node | None:
    """The root of the document; `None`, with the problem noted, if it is not YAML, is empty or refers to itself."""
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = " ".join(str(getattr(error, "problem", None) or error).split("\n")[:_PARSER_LINES_MAX])
        problems.note(1 if mark is None else mark.line + 1, f"This is not YAML: {said}.")
        return None
    if root is None:
        problems.note(1, "The file is empty. It needs a title and tiles.")
    elif (twice := _repeated(root)) is not None:
        problems.note(twice, "Anchors and aliases (& and *) are not supported here: write the part again.")
        return None
    return root


def _repeated(root: yaml.Node) -> yaml.Node | None:
    seen: set[int] = set()
    pending = [root]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            return node
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            pending.extend(part for pair in node.value for part in pair)
    return None


def plain(node: yaml.Node, problems: FileProblems) -> Any:  # ruff: ignore[any-type] - whatever the file says
    """The value of a node as plain data."""
    constructor = yaml.constructor.SafeConstructor()
    try:
        return constructor.construct_document(node)
    except yaml.constructor.ConstructorError as error:
        problems.note(error.problem_mark.line + 1 if error.problem_mark else node, f"This value is not understood: {error.problem}.")
    except (ValueError, TypeError, RecursionError):
        problems.note(node, "This value is not understood.")
    return None


class FileSection:
    """A mapping of the file. `what` names it in messages, as in "a tile"; `known` are the keys that it may have."""

    def __init__(self, node: yaml.Node, what: str, known: Iterable[str], problems: FileProblems) -> None:
        self.node = node
        self.problems = problems
        self._what = what
        self._nodes: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            problems.note(node, f"{what.capitalize()} is a mapping of keys and values, such as `title: Spend`.")
            return
        names = tuple(known)
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name not in names:
                problems.note(key, f"{what.capitalize()} has no key `{name[:64]}`.{_instead(name, names)}")
            elif name in self._nodes:
                problems.note(key, f"`{name}` is given twice in {what}.")
            else:
                self._nodes[name] = value

    @property
    def line(self) -> int:
        """The line in which it begins."""
        return line_of(self.node)

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def at(self, key: str) -> yaml.Node:
        """The node of a key, or the mapping itself where the key is missing: where a problem with it is."""
        return self._nodes.get(key, self.node)

    def text(self, key: str, default: str | None = "") -> str:
        """A text. Without a default the key is required."""
        node = self._nodes.get(key)
        if node is None:
            if default is None:
                self.problems.note(self.node, f"{self._what.capitalize()} needs `{key}`.")
            return default or ""
        if not isinstance(node, yaml.ScalarNode):
            self.problems.note(node, f"`{key}` is a text.")
            return default or ""
        value = str(node.value).strip()
        if default is None and not value:
            self.problems.note(node, f"`{key}` is empty.")
        return value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        node = self._nodes.get(key)
        if node is None:
            return default
        value = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if not value.isascii() or not value.isdigit() or not least <= int(value[:9]) <= most:
            self.problems.note(node, f"`{key}` is a whole number from {least} to {most}.")
            return default
        return int(value)

    def choice(self, key: str, choices: Sequence[str], default: str = "") -> str:
        """One of several words."""
        value = self.text(key, default)
        if key in self._nodes and value not in choices:
            self.problems.note(
                self._nodes[key], f"`{key}` is one of {', '.join(choices)}; `{value[:64]}` is not.{did_you_mean(nearest(value, sorted(choices)))}"
            )
            return default
        return value

    def choices(self, key: str, choices: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
        """A list of words, each one of several."""
        found: list[str] = []
        if key not in self._nodes:
            return tuple(default)
        for node in self.items(key):
            value = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
            if value in choices:
                found.append(value)
            else:
                self.problems.note(
                    node,
                    f"`{key}` lists some of {', '.join(choices)}; `{value[:64]}` is none of them.{did_you_mean(nearest(value, sorted(choices)))}",
                )
        return tuple(dict.fromkeys(found))

    def items(self, key: str) -> Sequence[yaml.Node]:
        """The entries of a list; none where the key is missing."""
        node = self._nodes.get(key)
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.problems.note(node, f"`{key}` is a list: each entry begins with a dash.")
            return ()
        return tuple(node.value)

    def pairs(self, key: str) -> Sequence[tuple[str, str, yaml.Node]]:
        """The keys and texts of an inner mapping, each with its node."""
        node = self._nodes.get(key)
        if node is None:
            return ()
        if not isinstance(node, yaml.MappingNode):
            self.problems.note(node, f"`{key}` is a mapping of keys and values.")
            return ()
        return tuple((str(name.value), str(value.value) if isinstance(value, yaml.ScalarNode) else "", value) for name, value in node.value)


def _instead(name: str, known: Sequence[str]) -> str:
    return did_you_mean(nearest(name, sorted(known))) or f" Known: {', '.join(known)}."

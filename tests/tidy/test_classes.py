"""A class holds few things, and its name means one idea."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.tidy.allowed import SHARED_NAMES, VOCABULARY, WIDE_CLASSES
from tests.tidy.source import PACKAGE, ROOT, trees

ATTRIBUTES_MAX = 12


def attributes(cls: ast.ClassDef) -> set[str]:
    """The instance attributes of a class: every `self.x` that is assigned in it, and the names in its `__slots__`. A row's fields are not among them."""
    return {attribute for node in ast.walk(cls) for attribute in _assigned(node)}


def _assigned(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == "self":
        yield node.attr
    if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__slots__" for target in node.targets):
        yield from (each.value for each in getattr(node.value, "elts", ()) if isinstance(each, ast.Constant))


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    """Every class of the package with its module as ARCHITECTURE.md writes one: `exchange/relay`."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield path.relative_to(PACKAGE).with_suffix("").as_posix(), node


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "class A:\n    def __init__(self):\n        self.a, self._b = 1, 2\n    def f(self):\n        self.c: int = 3\n        self.a += 1",
            {"a", "_b", "c"},
        ),
        ("class A:\n    __slots__ = ('a', 'b')\n    def __init__(self):\n        self.a = 1", {"a", "b"}),
        ("class A(Struct):\n    a: int\n    b: int = 1\n    def f(self):\n        return self.a", set()),
        ("class A:\n    def f(self, other):\n        other.a = 1\n        self.b.c = 2", set()),
    ],
)
def test_attributes_are_counted(source: str, expected: set[str]) -> None:
    """Assigned to `self` or named in `__slots__`; what another object has, and the fields of a row, do not count."""
    cls = ast.parse(source).body[0]

    assert isinstance(cls, ast.ClassDef)
    assert attributes(cls) == expected


def test_no_class_holds_more_than_a_reader_does() -> None:
    """A class has at most 12 instance attributes."""
    wide = {cls.name: f"{module}: {len(held)} attributes" for module, cls in classes() if len(held := attributes(cls)) > ATTRIBUTES_MAX}
    new = {cls: where for cls, where in wide.items() if cls not in WIDE_CLASSES}
    done = sorted(set(WIDE_CLASSES) - set(wide))

    assert not new, f"split these, an object for each idea they hold (or state a reason in tests/tidy/allowed.py, WIDE_CLASSES): {new}"
    assert not done, (
        f"these have at most {ATTRIBUTES_MAX} attributes or are gone: remove their lines from tests/tidy/allowed.py, WIDE_CLASSES: {done}"
    )


def test_no_class_name_has_two_meanings() -> None:
    """A public class name is defined once in the package."""
    defined: dict[str, list[str]] = defaultdict(list)
    for module, cls in classes():
        if not cls.name.startswith("_"):
            defined[cls.name].append(module)
    shared = {cls: modules for cls, modules in defined.items() if len(modules) > 1}
    new = {cls: modules for cls, modules in shared.items() if cls not in SHARED_NAMES}
    done = sorted(set(SHARED_NAMES) - set(shared))

    assert not new, f"rename one class of each (or state a reason in tests/tidy/allowed.py, SHARED_NAMES): {new}"
    assert not done, f"these names are defined once: remove their lines from tests/tidy/allowed.py, SHARED_NAMES: {done}"


def test_the_words_of_the_vocabulary_are_defined_where_it_says() -> None:
    """A class that is named after a word of the vocabulary is in the one module that the list names."""
    defined = defaultdict(set)
    for module, cls in classes():
        defined[cls.name].add(module)
    moved = {word: sorted(defined[word]) for word, module in VOCABULARY.items() if defined[word] != {module}}

    assert not moved, f"these are defined elsewhere, or twice; where a move is meant, correct tests/tidy/allowed.py, VOCABULARY: {moved}"


def test_every_word_of_the_vocabulary_that_is_a_class_is_listed() -> None:
    """A bold word of ARCHITECTURE.md's vocabulary whose class exists (`usage line`: `UsageLine`) has its module in the list."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    words = re.findall(r"\*\*([\w ]+)\*\*", text.partition("## Vocabulary")[2].partition("\n## ")[0])
    named = {"".join(part.capitalize() for part in word.split()) for word in words}
    defined = {cls.name: module for module, cls in classes()}
    unlisted = {cls: defined[cls] for cls in named & set(defined) if cls not in VOCABULARY}

    assert words
    assert not unlisted, f"add these to tests/tidy/allowed.py, VOCABULARY: {unlisted}"

"""CONTRIBUTING.md names files that exist, so that a newcomer finds each place that a change needs."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.source import PACKAGE, ROOT

_SECTION = re.compile(r"^### .*\n((?:(?!##).*\n)*)", re.MULTILINE)
_FILE = re.compile(r"`((?:[\w.-]+/)+(?:[\w-]+(?:\.\w+)?)?|pyproject\.toml)`")
FILES_MAX = 10


def missing(text: str) -> Iterator[str]:
    """The named files and folders, below the package or the project, that do not exist."""
    for name in _FILE.findall(text):
        if not any(Path(root, name).exists() for root in (PACKAGE, ROOT)):
            yield name


def test_missing_files_are_found() -> None:
    """Files and folders below the package or the project pass; one that is gone does not; one in italics is to be created."""
    assert list(missing("`core/errors.py`, `pyproject.toml`, `dialects/anthropic/`, `faces.py`, *policy/limit.py*, `core/gone.py`")) == [
        "core/gone.py"
    ]


def test_the_files_of_each_addition_exist() -> None:
    """Every file that CONTRIBUTING.md names exists: if you moved one, correct its name there."""
    sections = _SECTION.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))

    assert len(sections) == 3
    assert [name for section in sections for name in missing(section)] == []


def test_an_addition_touches_few_files() -> None:
    """Each of the three lists has at most ten rows."""
    for section in _SECTION.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        assert 3 <= section.count("\n| ") - 1 <= FILES_MAX

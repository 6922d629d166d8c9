"""Docstrings, comments and pages are in plain English: `house_words` lists expressions that they must not have, each with plain words for it."""

import pytest

from tests.tidy.house_words import HOUSE_WORDS, found
from tests.tidy.source import ROOT, modules

PAGES = (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md")


@pytest.mark.parametrize(
    "text", ["Whoever asks waits.", "It stands in the table.", "The client is told why.", "a copy of ours", "Who asks is refused."]
)
def test_house_words_are_found(text: str) -> None:
    """The patterns match what they are meant for."""
    assert any(pattern.search(text) for pattern, _ in HOUSE_WORDS)


@pytest.mark.parametrize(
    "text", ["`*` stands for any run of characters", "It takes up to a minute.", "A user tells us.", "the first one", "Who may ask?"]
)
def test_plain_words_are_not(text: str) -> None:
    """Words with a plain use pass."""
    assert not any(pattern.search(text) for pattern, _ in HOUSE_WORDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_in_plain_english(page) -> None:
    """No page has a house word."""
    assert not list(found(page))


def test_docstrings_and_comments_are_in_plain_english() -> None:
    """No module has a house word in a docstring or a comment. The message has plain words for each."""
    left = [f"{path.parent.name}/{word}" for path in modules() for word in found(path)]

    assert not left, f"say these in plain words: {left}"

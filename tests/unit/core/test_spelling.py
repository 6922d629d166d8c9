"""Which known word a mistyped one means, whatever is asked and however much is known."""

import pytest

from headgate.core import spelling
from headgate.core.spelling import CHARS_MAX, beside, nearest

MANY = sorted(f"model-{number:05d}" for number in range(5_000))


def test_the_most_similar_word_is_found_and_no_other() -> None:
    """Among few words wherever the mistake is; among many, where their order brings them together."""
    assert nearest("prot", ["host", "port"]) == "port"
    assert not nearest("zzz", ["host", "port"])
    assert nearest("model-0250", MANY).startswith("model-025")


@pytest.mark.parametrize("word", ["", "model-02500", "zzz", "model-02500" * 100_000])
def test_few_words_are_compared_however_many_there_are(word: str) -> None:
    """A hundred at most; they are those around the word's place."""
    found = beside(word, MANY)

    assert 50 <= len(found) <= 100
    assert all(each in MANY for each in found)


def test_long_words_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that is asked nor one that is known: comparing them would take seconds."""
    compared: list[list[str]] = []
    monkeypatch.setattr(spelling.difflib, "get_close_matches", lambda word, words, **_: compared.append([word, *words]) or [])
    nearest("x" * (1 << 20), ["x"])
    nearest("x", ["x" * (1 << 20), "y" * CHARS_MAX])

    assert compared == [["x", "y" * CHARS_MAX]]

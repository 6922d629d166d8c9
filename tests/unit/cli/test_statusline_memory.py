"""What the status line remembers."""

import stat

from headgate.cli.statusline_memory import AWAY_MS, FRESH_MS, Heard, recall, remember

URL = "https://gate.example"
HEARD = Heard({"budgets": [], "limits": []}, 1_000_000)


def test_it_comes_back_to_the_same_caller(tmp_path):
    """In a file that only its owner can read."""
    environ = {"HOME": str(tmp_path)}
    assert recall(URL, "aaaa", environ) == Heard()
    remember(URL, "aaaa", HEARD, environ)
    assert recall(URL, "aaaa", environ) == HEARD
    assert recall(URL, "bbbb", environ) == recall("https://other.example", "aaaa", environ) == Heard()
    (file,) = (tmp_path / ".cache" / "headgate").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("{", encoding="utf-8")
    assert recall(URL, "aaaa", environ) == Heard()


def test_a_cache_that_cannot_be_written(tmp_path):
    """Is no trouble."""
    (tmp_path / "file").touch()
    remember(URL, "aaaa", HEARD, {"XDG_CACHE_HOME": str(tmp_path / "file")})


def test_how_long_an_answer_counts():
    """A few seconds; a clock that was set back ends it too."""
    assert [HEARD.is_fresh(HEARD.at_ms + age) for age in (0, FRESH_MS - 1, FRESH_MS, -1)] == [True, True, False, False]
    away = Heard(failed_at_ms=1_000_000)
    assert [away.is_away(1_000_000 + age) for age in (0, AWAY_MS - 1, AWAY_MS, -1)] == [True, True, False, False]
    assert not Heard().is_fresh(0)

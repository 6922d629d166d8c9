"""Tables that fit a terminal."""

import sys

from headgate.cli.output import fitted, print_table

HEAD = ("ID", "NAME", "COUNT")
ROWS = [("tok_0123456789", "a name that is long", "12"), ("tok_abcdefghij", "short", "7")]


def test_texts_are_cut_where_lines_are_too_long():
    """Not a number, and not what a user copies."""
    head, rows = fitted(HEAD, ROWS, {0, 2}, 36)
    assert (head, rows[1]) == (list(HEAD), ["tok_abcdefghij", "short", "7"])
    assert rows[0] == ["tok_0123456789", "a name that …", "12"]
    assert fitted(HEAD, ROWS, {0, 2}, 10)[1][0][1] == "a name …"
    assert fitted(HEAD, ROWS, {0, 2}, 0) == (HEAD, ROWS)


def test_a_program_gets_whole_texts(monkeypatch, capsys):
    """Only a terminal has a width."""
    monkeypatch.setenv("COLUMNS", "30")
    print_table(HEAD, ROWS, frozenset({2}))
    assert "a name that is long" in capsys.readouterr().out

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    print_table(HEAD, ROWS, frozenset({2}))
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 31

"""What the SQL use-cases need from the outside."""

from headgate.admin.statement_ports import Rows


def test_most_commands_answer_nothing():
    """Without rows there are no columns."""
    assert (Rows().columns, Rows().rows) == ((), ())

"""What the SQL use-cases need from the outside."""

from headgate.admin.statement_ports import Rows, Session


def test_a_session_completes_short_names():
    """Catalog and schema have defaults that exist from the start."""
    assert Session("ana").defaults == ("main", "default")
    assert Rows().rows == ()

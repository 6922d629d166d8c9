"""Statement values."""

from headgate.catalog import statements
from headgate.catalog.names import Name


def test_values_compare_by_what_they_mean():
    """Two readings of one statement are equal and can be keys."""
    assert statements.Drop(Name(("a",))) == statements.Drop(Name(("a",)), False, False)
    assert len({statements.Vacuum(Name(("a", "b", "c"))), statements.Vacuum(Name(("a", "b", "c")), None, False)}) == 1

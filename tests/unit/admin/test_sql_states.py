"""The SQLSTATE of each class of error."""

import pytest

from headgate.admin import sql_states


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("DIVIDE_BY_ZERO", "22012"),
        ("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "42K09"),
        ("UNRESOLVED_COLUMN", "42703"),
        ("MISSING_AGGREGATION", "42803"),
        ("QUERY_TIMEOUT", ""),
    ],
)
def test_a_class_has_its_state(code, state):
    """Also where it names a part of its parent; errors of Headgate's own have none."""
    assert sql_states.of(code) == state

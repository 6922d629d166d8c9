"""The chain of the audit table, over rows in memory."""

import pytest

from headgate.catalog.audit_chain import AuditVerdict, Break, Head, Link, breaks, chained, hash_of, link_of, noted_head
from headgate.catalog.audit_table import AUDIT, AUDIT_VERSION


def row(number: int) -> dict[str, object]:
    """A row without its place."""
    return {"version": AUDIT_VERSION, "event_id": f"e{number}", "request_params": [("a", "1"), ("b", "2")], "user_identity": {"email": "ada"}}


def rows(count: int) -> list[dict[str, object]]:
    """A whole chain."""
    return list(chained([row(number) for number in range(count)], Head()))


def head_of(found: list[dict[str, object]]) -> Head:
    """The end of a chain."""
    return Head(int(str(found[-1]["chain_sequence"])), str(found[-1]["row_hash"]))


def test_a_chain_that_nobody_touched_holds() -> None:
    """In whatever order it is read, and also if the end that is kept outside is an earlier one."""
    found = rows(5)
    assert breaks(map(link_of, reversed(found)), head_of(found)) == []
    assert breaks(map(link_of, found), head_of(found[:3])) == []
    assert breaks([], Head()) == []


def test_a_chain_goes_on_where_it_ended() -> None:
    """Two appends give the rows that one would give."""
    first = rows(2)
    assert [*first, *chained([row(2)], head_of(first))] == rows(3)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "field", ["event_id", "request_params", "user_identity", "event_time", "before", "occurrences", "chain_sequence", "previous_hash"]
)
def test_a_changed_column_is_found(place: int, field: str) -> None:
    """In every row, whichever column it is."""
    found = rows(4)
    changed = {"request_params": [("a", "1")], "user_identity": {"email": "eve"}, "chain_sequence": 99}.get(field, "changed")
    found[place] |= {field: changed}
    assert breaks(map(link_of, found), head_of(rows(4)))


@pytest.mark.parametrize("place", range(4))
def test_a_row_that_was_changed_with_its_hash_is_found(place: int) -> None:
    """By the row after it, and the last one by the end that is kept outside."""
    found = rows(4)
    forged = found[place] | {"event_id": "forged"}
    found[place] = forged | {"row_hash": hash_of(forged)}
    (one,) = breaks(map(link_of, found), head_of(rows(4)))
    assert (one.sequence, one.what[:8]) == (min(place + 2, 4), "changed:")


@pytest.mark.parametrize("place", range(4))
def test_a_removed_row_is_found(place: int) -> None:
    """The first, one in between and the last."""
    found = rows(4)
    del found[place]
    (one,) = breaks(map(link_of, found), head_of(rows(4)))
    assert one.sequence == place + 1
    assert one.what.startswith("removed:")


def test_an_emptied_table_is_found() -> None:
    """The end that is kept outside says that it had rows."""
    assert [one.what for one in breaks([], Head(4, "x"))] == ["removed: rows 1 to 4 are missing at the end"]


def test_an_inserted_row_is_found() -> None:
    """With a number that is taken, and without a number."""
    found = rows(4)
    assert [one.sequence for one in breaks(map(link_of, [*found, found[1]]), head_of(found))] == [2]
    assert [one.sequence for one in breaks(map(link_of, [*found, row(9)]), head_of(found))] == [0]


def test_a_row_of_an_unknown_version_does_not_pass() -> None:
    """Nothing says what its hash is made of."""
    assert link_of({"version": "9", "chain_sequence": 1, "row_hash": "x"}) == Link(1, "", "x", "")
    assert not hash_of({})


def test_the_hash_of_a_row_never_changes() -> None:
    """Rows that were written keep their hashes: a column that is added belongs to a new version."""
    known = "d3e523f12e5b4fedd35ed36fb4df24a37858e8558c2c9aa27d109b74b814dd62"
    assert hash_of({"version": "1.0", "event_id": "e", "request_params": [("a", "1")]}) == known
    assert [field.name for field in AUDIT.schema.fields][-3:] == ["chain_sequence", "previous_hash", "row_hash"]


def test_an_end_that_was_noted():
    """Number and hash as `headgate audit verify` prints them; nothing else is one."""
    assert noted_head(f" 12:{'ab' * 32} ") == Head(12, "ab" * 32)
    assert [noted_head(text) for text in ("", "12", f"x:{'ab' * 32}", "12:abc", f"12:{'AB' * 32}")] == [None] * 5
    assert (AuditVerdict(0, Head(), ()).holds, AuditVerdict(1, Head(), (Break(1, "gone"),)).holds) == (True, False)

"""Forms of functions: what they take, and which is chosen."""

import pytest

from headgate.catalog.types import Array, Decimal, Map
from headgate.storage.query.analysis import functions, kinds
from headgate.storage.query.analysis.kinds import BIGINT, DOUBLE, INT, STRING, VOID
from headgate.storage.query.analysis.meaning import filled, fit, form


@pytest.mark.parametrize(
    ("signature", "given", "found"),
    [
        ("string, int -> string", [STRING, INT], ([STRING, INT], STRING)),
        ("string, int -> string", [INT, STRING], ([STRING, INT], STRING)),
        ("string -> string", [STRING, STRING], None),
        ("T... -> T", [INT, BIGINT, VOID], ([BIGINT, BIGINT, BIGINT], BIGINT)),
        ("T... -> array<T>", [INT, STRING], ([BIGINT, BIGINT], Array(BIGINT))),
        ("N -> N", [STRING], None),
        ("N -> N", [Decimal(5, 2)], ([Decimal(5, 2)], Decimal(5, 2))),
        ("array<T>, T -> boolean", [Array(INT), BIGINT], ([Array(BIGINT), BIGINT], kinds.BOOLEAN)),
        ("map<K, V> -> array<V>", [Map(STRING, INT)], ([Map(STRING, INT)], Array(INT))),
        ("map<K, V> -> array<V>", [STRING], None),
        ("I -> I", [DOUBLE], None),
        ("-> double", [], ([], DOUBLE)),
    ],
)
def test_a_form_fits(signature, given, found):
    """By implicit casts, with the letters bound to what their places have in common."""
    assert fit(form(signature, "f($*)"), given, exact=False) == found


def test_the_form_that_takes_the_types_as_they_are_is_chosen():
    """Before one that casts, whatever their order."""
    text, binary = form("string -> string", "text($1)"), form("binary -> string", "bytes($1)")
    assert functions.chosen((text, binary), [kinds.BINARY])[0] is binary
    assert functions.chosen((text, binary), [INT])[0] is text


def test_arguments_are_filled_in():
    """By place, and all of them."""
    assert filled("f($2, $1, [$*])", ["a", "b"]) == "f(b, a, [a, b])"


def test_no_name_has_two_meanings():
    """And every meaning has forms, a rule or a reason why it is refused."""
    names = [name for meaning in functions.MEANINGS for name in meaning.names]
    assert sorted(names) == sorted(set(names))
    for meaning in functions.MEANINGS:
        assert bool(meaning.forms) + (meaning.rule is not None) + bool(meaning.refused) == 1, meaning.names

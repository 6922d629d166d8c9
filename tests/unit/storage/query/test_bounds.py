"""Bounds as values."""

from headgate.storage.query.bounds import (
    NEVER,
    ColumnComparison,
    Constant,
    ConstantStep,
    Either,
    Every,
    Nullness,
    either,
    every,
    renamed,
    widely_typed,
    with_texts,
)

ONE = ColumnComparison("a", "=", Constant("number", "1"))
TEXT = ColumnComparison("b", ">", Constant("text", "x"))


def test_what_holds_together():
    """What is not known takes nothing from `every`, and everything from `either`."""
    assert every([None, ONE, None]) == ONE
    assert every([]) is None
    assert every([ONE, TEXT]) == Every((ONE, TEXT))
    assert either([ONE, None]) is None
    assert either([ONE]) == ONE
    assert either([]) == NEVER == Either(())


def test_other_columns():
    """A bound on a column that the other relation has not is none."""
    both = Every((ONE, Either((TEXT, Nullness("a", null=True)))))
    assert renamed(both, {"a": "x", "b": "y"}.get) == Every((
        ColumnComparison("x", "=", ONE.value),
        Either((ColumnComparison("y", ">", TEXT.value), Nullness("x", null=True))),
    ))
    assert renamed(both, {"a": "x"}.get) == ColumnComparison("x", "=", ONE.value)
    assert renamed(None, str) is None


def test_other_texts():
    """Only in constants that are text."""
    assert with_texts(Every((ONE, Either((TEXT,)))), str.upper) == Every((ONE, ColumnComparison("b", ">", Constant("text", "X"))))
    assert with_texts(None, str.upper) is None


def test_types_of_a_union():
    """A text is text, and a number may be rounded; what is cast stays as it is."""
    cast = ColumnComparison("b", "<", Constant("text", "x", (ConstantStep("cast", "date"),)))
    assert widely_typed(Every((ONE, Either((TEXT, cast))))) == Every((
        ColumnComparison("a", "=", Constant("number", "1", (ConstantStep("cast", "double"),))),
        Either((ColumnComparison("b", ">", Constant("text", "x", (ConstantStep("cast", "string"),))), cast)),
    ))
    assert widely_typed(Nullness("a", null=True)) == Nullness("a", null=True)

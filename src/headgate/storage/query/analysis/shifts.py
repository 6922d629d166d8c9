"""Shifts of bits, as Java has them: of a BIGINT or an INT, by a count of which the last six or five bits are heeded. What leaves on the left is lost."""

from headgate.catalog.types import Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.value import Value, mismatch

_TEXTS = {
    ("<<", kinds.INT): "databricks_signed(((CAST($1 AS BIGINT) & 4294967295) << ($2 & 31)) & 4294967295)",
    (">>", kinds.INT): "($1 >> ($2 & 31))",
    (">>>", kinds.INT): "databricks_signed((CAST($1 AS BIGINT) & 4294967295) >> ($2 & 31))",
    ("<<", kinds.BIGINT): "databricks_signed_long(((CAST($1 AS HUGEINT) & 18446744073709551615) << ($2 & 63)) & 18446744073709551615)",
    (">>", kinds.BIGINT): "($1 >> ($2 & 63))",
    (">>>", kinds.BIGINT): "databricks_signed_long((CAST($1 AS HUGEINT) & 18446744073709551615) >> ($2 & 63))",
}


def shifted(word: str, left: Value, right: Value) -> Value:
    """The value of `<<`, `>>` or `>>>`, with the name of the operator."""
    kind = kinds.BIGINT if left.kind == kinds.BIGINT else kinds.INT
    first, second = _side(left, kind, word), _side(right, kinds.INT, word)
    text = _TEXTS[word, kind].replace("$2", second).replace("$1", first)
    return Value(text=f"CAST({text} AS {kinds.duckdb(kind)})", kind=kind, name=f"({left.name} {word} {right.name})")


def _side(one: Value, kind: Type, word: str) -> str:
    if not (kinds.is_number(one.kind) or one.kind in {kinds.STRING, kinds.VOID}):
        raise mismatch(f"{word} takes whole numbers, and {one.name!r} is {kinds.sql(one.kind)}.")
    text = casts.cast(one.text, one.kind, kind)
    return text if text.isdigit() or text.endswith(")") else f"({text})"

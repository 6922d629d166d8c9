"""Hashes of values, and the checksum of bytes.

https://docs.databricks.com/en/sql/language-manual/functions/hash.html, …/xxhash64.html, …/crc32.html
"""

from headgate.catalog.types import Array, Decimal, Map, Structure, Type
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.value import Value, refused
from headgate.storage.query.duckdb_text import literal

_ARGUMENTS_MAX = 64
_DIGITS_OF_LONG = 18
_FAMILIES = {"hash": ("databricks_mur", kinds.INT), "xxhash64": ("databricks_xxh", kinds.BIGINT)}


def _hash(call: FunctionCall) -> Value:
    """All arguments in one number: that of each is the seed of the next, and a NULL changes nothing."""
    call.counted(1, _ARGUMENTS_MAX)
    function, kind = _FAMILIES[call.name]
    parts = [_parts(call, value.text, value.kind, function) for value in call.values]
    joined = parts[0] if len(parts) == 1 else f"list_concat({', '.join(parts)})"
    return call.gives(f"{function}({joined})", kind)


def _parts(call: FunctionCall, text: str, kind: Type, function: str) -> str:
    """A list of what is hashed, one item for each value without parts."""
    match kind:
        case Array(element):
            item = f"c{len(text)}"
            return f"flatten(list_transform({text}, lambda {item}: {_parts(call, item, element, function)}))"
        case Structure(fields):
            held = [_parts(call, f"struct_extract({text}, {literal(field.name)})", field.type, function) for field in fields]
            return f"list_concat({', '.join(held)})"
        case Map():
            raise refused(f"{call.name} takes no MAP.", "DATATYPE_MISMATCH.HASH_MAP_TYPE")
        case _:
            return f"[{_words(call, text, kind, function)}]"


def _words(call: FunctionCall, text: str, kind: Type, function: str) -> str:
    if kind == kinds.VOID:
        return f"{function}_int(CAST(NULL AS INTEGER))"
    if kind in {kinds.STRING, kinds.BINARY}:
        return f"{function}_bytes(hex({text}))"
    if kind in {kinds.TINYINT, kinds.SMALLINT, kinds.INT}:
        return f"{function}_int({text})"
    if kind == kinds.BIGINT:
        return f"{function}_long({text})"
    if isinstance(kind, Decimal) and kind.precision <= _DIGITS_OF_LONG:
        return f"{function}_long(CAST({text} * {10**kind.scale} AS BIGINT))"
    made = _WORDS.get(kind)
    if made is None:
        raise refused(f"{call.name} of {kinds.sql(kind)} is not taken: cast it to STRING.")
    return f"{function}{made.replace('$1', text)}"


_WORDS: dict[Type, str] = {
    kinds.BOOLEAN: "_int(CAST($1 AS INTEGER))",
    kinds.DATE: "_int(date_diff('day', DATE '1970-01-01', $1))",
    kinds.TIMESTAMP: "_long(epoch_us($1))",
    kinds.TIMESTAMP_NTZ: "_long(epoch_us($1))",
    kinds.FLOAT: "_int(CASE WHEN isnan($1) THEN 2143289344 WHEN $1 = 0 THEN 0 ELSE CAST(CAST($1 AS BIT) AS INTEGER) END)",
    kinds.DOUBLE: "_long(CASE WHEN isnan($1) THEN 9221120237041090560 WHEN $1 = 0 THEN 0 ELSE CAST(CAST($1 AS BIT) AS BIGINT) END)",
}

MEANINGS: tuple[Meaning, ...] = (
    ruled("hash", _hash, example="hash('Spark', 1)", gives="205329825", note="Slower than md5."),
    ruled("xxhash64", _hash, example="xxhash64('Spark', 1)", gives="-4449867541325528513", note="Slower than md5."),
    scalar(
        "crc32",
        form("binary -> bigint", "databricks_crc(hex($1))"),
        form("string -> bigint", "databricks_crc(hex($1))"),
        example="crc32('Spark')",
        gives="1557323817",
    ),
)

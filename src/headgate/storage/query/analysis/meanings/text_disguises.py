"""Texts that stand for others: masked, as they sound, and between quotes.

https://docs.databricks.com/en/sql/language-manual/functions/mask.html, …/soundex.html
"""

from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_CLASSES = (r"\p{Lu}", r"\p{Ll}", r"\p{Nd}", r"[^\p{Lu}\p{Ll}\p{Nd}]")
_DEFAULTS = ("X", "x", "n", None)
_PLACE = 0x10FFF0  # private characters that are put in first, so that none is replaced twice


def _mask(call: FunctionCall) -> Value:
    """Capital letters become X, small ones x, digits n, and all else stays; an argument says otherwise, and NULL leaves a class as it is."""
    call.counted(1, 5)
    text = call.cast(0, kinds.STRING)
    signs = [*(_sign(call, place) for place in range(1, len(call))), *_DEFAULTS[len(call) - 1 :]]
    for place in (3, 0, 1, 2):
        if signs[place] is not None:
            text = f"regexp_replace({text}, '{_CLASSES[place]}', '{chr(_PLACE + place)}', 'g')"
    for place, sign in enumerate(signs):
        if sign is not None:
            text = f"replace({text}, '{chr(_PLACE + place)}', {literal(sign)})"
    return call.gives_more(text, kinds.STRING, *("NULL" if sign is None else sign for sign in _DEFAULTS[len(call) - 1 :]))


def _sign(call: FunctionCall, place: int) -> str | None:
    value = call.value(place)
    if value.kind == kinds.VOID:
        return None
    if value.kind != kinds.STRING:
        raise mismatch(f"The signs of {call.name} are texts.")
    found = call.constant(place, "The sign")
    if len(found) != 1:
        raise refused(f"A sign of {call.name} is one character.", "DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE")
    return found


MEANINGS: tuple[Meaning, ...] = (
    ruled("mask", _mask, example="mask('AbCD123-@$#')", gives="XxXXnnn-@$#"),
    scalar("soundex", form("string -> string", "databricks_soundex($1)"), example="soundex('Miller')", gives="M460"),
    scalar("quote", form("string -> string", "databricks_quote($1)"), example="quote('a')", gives="'a'"),
    scalar(
        "collation",
        form("string -> string", "(CASE WHEN $1 IS NULL THEN 'SYSTEM.BUILTIN.UTF8_BINARY' ELSE 'SYSTEM.BUILTIN.UTF8_BINARY' END)"),
        example="collation('a')",
        gives="SYSTEM.BUILTIN.UTF8_BINARY",
    ),
    scalar("validate_utf8 try_validate_utf8 make_valid_utf8", form("string -> string", "$1"), example="validate_utf8('a')", gives="a"),
    scalar("is_valid_utf8", form("string -> boolean", "($1 IS NOT NULL OR NULL)"), example="is_valid_utf8('a')", gives="true"),
)

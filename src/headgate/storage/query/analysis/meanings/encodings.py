"""Checksums, hashes, and texts as bytes and back."""

from sqlglot import exp

from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.value import Value, refused

_CHARSETS = frozenset({"utf-8"})


def _charset(call: FunctionCall, place: int) -> None:
    charset = call.constant(place, "The character set").lower()
    if charset not in _CHARSETS:
        raise refused(f"The character set {charset[:40]!r} is not taken: UTF-8 is.")


def _encode(call: FunctionCall) -> Value:
    call.counted(2)
    _charset(call, 1)
    return call.gives(f"encode({call.cast(0, kinds.STRING)})", kinds.BINARY)


def _decode(call: FunctionCall) -> Value:
    """Bytes as a text; with more arguments the value that belongs to the first equal one."""
    if len(call) > 2:
        return _decode_values(call)
    call.counted(2)
    _charset(call, 1)
    text = call.value(0)
    inner = text.text if text.kind == kinds.BINARY else f"encode({call.cast(0, kinds.STRING)})"
    return call.gives(f"databricks_decode({inner})", kinds.STRING)


def _decode_values(call: FunctionCall) -> Value:
    """`decode(x, 1, 'a', 2, 'b', 'else')`: NULL is equal to NULL here."""
    first, *pairs = call.arguments
    otherwise = pairs.pop() if len(pairs) % 2 else exp.cast(exp.Null(), "STRING", dialect="databricks")
    ifs = [
        exp.If(this=exp.NullSafeEQ(this=first.copy(), expression=one.copy()), true=then.copy())
        for one, then in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    found = call.analyse(exp.Case(ifs=ifs, default=otherwise.copy()), call.scope)
    return call.gives(found.text, found.kind)


def _to_binary(call: FunctionCall) -> Value:
    call.counted(1, 2)
    text = call.cast(0, kinds.STRING)
    match call.constant(1, "The format").lower() if len(call) == 2 else "hex":
        case "utf-8" | "utf8":
            return call.gives(f"encode({text})", kinds.BINARY)
        case one:
            raise refused(f"to_binary with the format {one[:40]!r} is not taken: utf-8 is; use unhex or unbase64.")


def _sha2(call: FunctionCall) -> Value:
    call.counted(2)
    bits = call.constant(1, "The number of bits")
    if bits not in {"0", "256"}:
        raise refused("sha2 is taken with 256 bits.")
    value = call.value(0)
    text = value.text if value.kind == kinds.BINARY else call.cast(0, kinds.STRING)
    return call.gives(f"sha256({text})", kinds.STRING)


MEANINGS: tuple[Meaning, ...] = (
    scalar("ascii", form("string -> int", "ascii($1)"), example="ascii('a')", gives="97"),
    scalar(
        "chr char",
        form("bigint -> string", "(CASE WHEN $1 < 0 THEN '' ELSE chr(CAST($1 % 256 AS INTEGER)) END)"),
        example="chr(65)",
        gives="A",
    ),
    scalar(
        "base64",
        form("binary -> string", "to_base64($1)"),
        form("string -> string", "to_base64(encode($1))"),
        example="base64('Spark')",
        gives="U3Bhcms=",
    ),
    scalar(
        "md5", form("string -> string", "md5($1)"), form("binary -> string", "md5($1)"), example="md5('a')", gives="0cc175b9c0f1b6a831c399e269772661"
    ),
    scalar(
        "sha1 sha",
        form("string -> string", "sha1($1)"),
        form("binary -> string", "sha1($1)"),
        example="sha1('a')",
        gives="86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
    ),
    ruled("sha2", _sha2, example="sha2('a', 256)", gives="ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    scalar(
        "unhex",
        form("string -> binary", "(CASE WHEN regexp_full_match($1, '[0-9A-Fa-f]*') THEN unhex($1) END)"),
        example="hex(unhex('41'))",
        gives="41",
    ),
    scalar(
        "hex",
        form("string -> string", "hex($1)"),
        form("I -> string", "hex(CAST($1 AS BIGINT))"),
        form("N -> string", "hex(CAST(trunc($1) AS BIGINT))"),
        form("binary -> string", "hex($1)"),
        example="hex('A')",
        gives="41",
    ),
    scalar(
        "unbase64",
        form("string -> binary", "databricks_unbase64($1)"),
        example="hex(unbase64('QQ=='))",
        gives="41",
        note="A text that is not whole base64 is refused.",
    ),
    ruled("encode", _encode, example="hex(encode('é', 'UTF-8'))", gives="C3A9"),
    ruled("decode", _decode, example="decode(X'C3A9', 'UTF-8')", gives="é"),
    ruled("to_binary", _to_binary, example="hex(to_binary('a', 'utf-8'))", gives="61"),
    scalar(
        "url_encode",
        form("string -> string", "replace(replace(replace(url_encode($1), '%20', '+'), '%2A', '*'), '~', '%7E')"),
        example="url_encode('a b/é')",
        gives="a+b%2F%C3%A9",
    ),
    scalar("url_decode", form("string -> string", "databricks_url_decode($1)"), example="url_decode('a%20b+c')", gives="a b c"),
    scalar(
        "try_url_decode",
        form(
            "string -> string",
            "(CASE WHEN regexp_matches($1, '%(?:[^0-9a-fA-F]|.[^0-9a-fA-F]|.?$)') THEN NULL ELSE url_decode(replace($1, '+', ' ')) END)",
        ),
        example="try_url_decode('%zz')",
        gives="NULL",
    ),
)

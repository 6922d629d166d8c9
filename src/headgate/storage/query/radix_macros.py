"""The macros of `conv`: digits read in one base and written in another, as whole numbers of 64 bits without a sign. Those that use others come first."""

from headgate.storage.query.duckdb_text import failing as _fail

_ALL, _HALF = "18446744073709551615::UHUGEINT", "9223372036854775808::UHUGEINT"
_DIGITS = "'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'"

ROWS = (
    (
        "databricks_conv(x, t, p)",
        (
            "list_transform([x], lambda y: CASE WHEN y IS NOT NULL THEN list_transform([databricks_conv_signed(y, t)], "
            "lambda z: CASE WHEN z.n THEN '-' ELSE '' END || databricks_conv_digits(z.v, t, p))[1] END)[1]"
        ),
    ),
    (
        "databricks_conv_read(s, f, b)",
        "CASE WHEN trim(s, ' ') <> '' THEN {'n': f.sign = '-', 'v': databricks_conv_value(f.digits, b)} END",
    ),
    (
        "databricks_conv_value(d, b)",
        (
            f"list_reduce(list_prepend(0::UHUGEINT, list_transform(regexp_extract_all(d, '.'), lambda g: CAST(instr({_DIGITS}, g) - 1 AS UHUGEINT))), "
            f"lambda a, g: CASE WHEN a * b + g > {_ALL} THEN CAST({_fail('ARITHMETIC_OVERFLOW', 'Overflow in function conv().')} AS UHUGEINT) "
            "ELSE a * b + g END)"
        ),
    ),
    (  # a negative number is the one of as many bits, unless a base below zero asks for its sign
        "databricks_conv_signed(x, t)",
        (
            f"CASE WHEN t < 0 THEN CASE WHEN x.v >= {_HALF} THEN {{'n': true, 'v': {_ALL} - x.v + 1::UHUGEINT}} ELSE x END "
            f"WHEN x.n AND x.v >= {_HALF} THEN {{'n': false, 'v': {_ALL}}} WHEN x.n AND x.v > 0 THEN {{'n': false, 'v': {_ALL} - x.v + 1::UHUGEINT}} "
            "ELSE {'n': false, 'v': x.v} END"
        ),
    ),
    (
        "databricks_conv_digits(v, t, p)",
        (
            "coalesce(nullif(ltrim(array_to_string(list_transform(p, "
            f"lambda q: substr({_DIGITS}, CAST((v // q) % abs(t)::UHUGEINT AS BIGINT) + 1, 1)), ''), '0'), ''), '0')"
        ),
    ),
)

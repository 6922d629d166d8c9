"""Functions of Databricks that DuckDB lacks, as macros of the database that a query runs in. Each is the plain meaning, nothing more."""

_ROWS = (
    ("timestamp_seconds(x)", "to_timestamp(x)"),
    ("timestamp_millis(x)", "make_timestamptz(CAST(x AS BIGINT) * 1000)"),
    ("timestamp_micros(x)", "make_timestamptz(CAST(x AS BIGINT))"),
    ("unix_timestamp(x)", "CAST(floor(epoch(CAST(x AS TIMESTAMPTZ))) AS BIGINT)"),
    ("unix_seconds(x)", "CAST(floor(epoch(CAST(x AS TIMESTAMPTZ))) AS BIGINT)"),
    ("unix_millis(x)", "epoch_ms(CAST(x AS TIMESTAMPTZ))"),
    ("unix_micros(x)", "epoch_us(CAST(x AS TIMESTAMPTZ))"),
    ("pmod(a, b)", "((a % b) + b) % b"),
    ("bround(x, d := 0)", "round_even(x, d)"),
    ("nvl(a, b)", "coalesce(a, b)"),
    ("zeroifnull(x)", "coalesce(x, 0)"),
    ("nullifzero(x)", "nullif(x, 0)"),
    ("positive(x)", "x"),
    ("negative(x)", "-x"),
    ("space(n)", "repeat(' ', n)"),
    ("log1p(x)", "ln(1 + x)"),
    ("expm1(x)", "exp(x) - 1"),
    ("hypot(a, b)", "sqrt(a * a + b * b)"),
)


def statements(sql: str) -> tuple[str, ...]:
    """The statements that make those whose names occur in a query; each takes a while to make."""
    text = sql.lower()
    return tuple(f"CREATE MACRO {head} AS {body}" for head, body in _ROWS if head.partition("(")[0] in text)

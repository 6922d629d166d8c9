"""Functions of Databricks that DuckDB lacks, as macros of the database that a query runs in. Each is the plain meaning, nothing more."""

from headgate.storage.query import hash_macros, json_macros, list_macros, moment_macros, radix_macros, text_macros
from headgate.storage.query.duckdb_text import failing as _fail

_FAR = _fail("UNSUPPORTED_FEATURE", "A moment before the year 1 or after 9999 is not taken.")
_ROWS = (
    ("databricks_divided(a, b)", f"CASE WHEN b = 0 AND a IS NOT NULL THEN {_fail('DIVIDE_BY_ZERO', 'Division by zero.')} ELSE a / b END"),
    ("databricks_mod(a, b)", f"CASE WHEN b = 0 AND a IS NOT NULL THEN {_fail('REMAINDER_BY_ZERO', 'Remainder by zero.')} ELSE a % b END"),
    ("databricks_div(a, b)", f"CASE WHEN b = 0 AND a IS NOT NULL THEN {_fail('DIVIDE_BY_ZERO', 'Division by zero.')} ELSE a // b END"),
    (
        "databricks_pmod(a, b)",
        (
            f"CASE WHEN b = 0 AND a IS NOT NULL THEN {_fail('REMAINDER_BY_ZERO', 'Remainder by zero.')} "
            "WHEN a % b < 0 THEN (a % b + b) % b ELSE a % b END"
        ),
    ),
    ("databricks_signed(x)", "CASE WHEN x >= 2147483648 THEN x - 4294967296 ELSE x END"),
    ("databricks_signed_long(x)", "CASE WHEN x >= 9223372036854775808::HUGEINT THEN x - 18446744073709551616::HUGEINT ELSE x END"),
    (
        "databricks_bit(x, p, w)",
        (
            f"CASE WHEN p < 0 OR p >= w THEN {_fail('INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE', 'There is no such bit.')} "
            "ELSE CAST((CAST(x AS BIGINT) >> p) & 1 AS TINYINT) END"
        ),
    ),
    ("databricks_units_up(n, m)", "n // m + CASE WHEN 2 * abs(n % m) >= m THEN sign(n) ELSE 0 END"),
    (
        "databricks_units_even(n, m)",
        "n // m + CASE WHEN 2 * abs(n % m) > m OR (2 * abs(n % m) = m AND (n // m) % 2 <> 0) THEN sign(n) ELSE 0 END",
    ),
    ("databricks_units_ceil(n, m)", "n // m + CASE WHEN n % m > 0 THEN 1 ELSE 0 END"),
    ("databricks_units_floor(n, m)", "n // m - CASE WHEN n % m < 0 THEN 1 ELSE 0 END"),
    (
        "databricks_cbrt(x)",
        "CASE WHEN x = 0 OR NOT isfinite(x) THEN x ELSE cbrt(x) - (cbrt(x) * cbrt(x) * cbrt(x) - x) / (3 * cbrt(x) * cbrt(x)) END",
    ),
    (
        "databricks_atanh(x)",
        "CASE WHEN abs(x) < 1 THEN atanh(x) WHEN x = 1 THEN CAST('Infinity' AS DOUBLE) WHEN x = -1 THEN CAST('-Infinity' AS DOUBLE) WHEN x IS NOT NULL THEN CAST('NaN' AS DOUBLE) END",
    ),
    ("databricks_quantiles(q)", "list_transform(q, lambda one: databricks_quantile(one))"),
    (  # of a decimal, a unit of its last place to be and half of it
        "databricks_half_even(d, u, h, p)",
        "CASE WHEN abs(d) % u = h THEN d - d % u + CASE WHEN (d - d % u) % (u + u) = 0 THEN 0 ELSE sign(d) * u END ELSE round(d, p) END",
    ),
    (  # between -Infinity and a number Databricks has no value, and DuckDB has -Infinity
        "databricks_quantile(q)",
        f"CASE WHEN q = CAST('-Infinity' AS DOUBLE) THEN {_fail('UNSUPPORTED_FEATURE', 'A percentile at -Infinity is not taken.')} ELSE q END",
    ),
    (  # beyond the range of a FLOAT there is Infinity
        "databricks_single(x)",
        "CASE WHEN abs(x) < 3.4028235677973362e38 OR NOT isfinite(x) THEN x WHEN x IS NOT NULL THEN sign(x) * CAST('Infinity' AS DOUBLE) END",
    ),
    ("databricks_expm1(x)", "CASE WHEN abs(x) < 1e-5 THEN x + x * x / 2 ELSE exp(x) - 1 END"),
    ("databricks_log1p(x)", "CASE WHEN x <= -1 THEN NULL WHEN abs(x) < 1e-5 THEN x - x * x / 2 ELSE ln(1 + x) END"),
    (
        "databricks_quotient(a, b)",
        (
            f"CASE WHEN b = 0 AND a IS NOT NULL THEN {_fail('DIVIDE_BY_ZERO', 'Division by zero.')} "
            "ELSE a // b + CASE WHEN 2 * abs(a % b) >= abs(b) THEN CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END ELSE 0 END END"
        ),
    ),
    (  # where what is divided, made longer, may have more than 38 digits: its whole part first. `m` is the most that may be made longer
        "databricks_long_quotient(a, b, s, m)",
        (
            "CASE WHEN abs(a) <= m THEN databricks_quotient(a * s, b) WHEN abs(a % nullif(b, 0)) <= m THEN "
            "databricks_div(a, b) * s + databricks_quotient((a % nullif(b, 0)) * s, b) WHEN b = 0 AND a IS NOT NULL THEN "
            f"{_fail('DIVIDE_BY_ZERO', 'Division by zero.')} WHEN a IS NOT NULL AND b IS NOT NULL THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'A division of decimals of so many digits is not taken: cast one side to DOUBLE.')} END"
        ),
    ),
    (  # a product that is rounded to fewer places: `m` is the most that has 38 digits before it is rounded, `n` the most that has 38 then
        "databricks_product(a, b, m, n)",
        (
            "CASE WHEN abs(CAST(a AS DOUBLE) * CAST(b AS DOUBLE)) < m THEN a * b WHEN abs(CAST(a AS DOUBLE) * CAST(b AS DOUBLE)) < n THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'A product of decimals of so many digits is not taken: cast one side to fewer digits or to DOUBLE.')} "
            f"WHEN a IS NOT NULL AND b IS NOT NULL THEN {_fail('NUMERIC_VALUE_OUT_OF_RANGE', 'The product has more than 38 digits.')} END"
        ),
    ),
    (  # DuckDB reads `1.5`, `1e3`, `0x1F` and `1_000` as whole numbers too
        "databricks_digits(s)",
        f"CASE WHEN NOT regexp_full_match(s, '[\\x00-\\x20]*[+-]?[0-9]+[\\x00-\\x20]*') THEN {_fail('CAST_INVALID_INPUT', 'A text is no whole number.')} ELSE s END",
    ),
    ("databricks_try_digits(s)", r"CASE WHEN regexp_full_match(s, '[\x00-\x20]*[+-]?[0-9]+[\x00-\x20]*') THEN s END"),
    (
        "databricks_moment_text(t)",
        "CASE WHEN epoch_us(t) % 1000000 = 0 THEN strftime(t, '%Y-%m-%d %H:%M:%S') ELSE rtrim(strftime(t, '%Y-%m-%d %H:%M:%S.%f'), '0') END",
    ),
    (
        "databricks_moment(s)",
        f"CASE WHEN s BETWEEN -62135596800 AND 253402300799 THEN make_timestamptz(s * 1000000) WHEN s IS NOT NULL THEN {_FAR} END",
    ),
    (
        "databricks_moment_of_decimal(s)",
        f"CASE WHEN s BETWEEN -62135596800 AND 253402300799 THEN make_timestamptz(CAST(trunc(s * 1000000) AS BIGINT)) WHEN s IS NOT NULL THEN {_FAR} END",
    ),
    (
        "databricks_moment_of_double(s)",
        (
            "CASE WHEN s BETWEEN -62135596800 AND 253402300799 THEN make_timestamptz(CAST(trunc(s * 1000000) AS BIGINT)) WHEN isfinite(s) AND abs(s) < 9.2e12 "
            f"THEN {_FAR} WHEN isfinite(s) THEN {_fail('CAST_OVERFLOW', 'The number is beyond all moments.')} WHEN s IS NOT NULL THEN {_fail('CAST_INVALID_INPUT', 'A number that is not finite is no moment.')} END"
        ),
    ),
    (  # where clocks are set back, the earlier of the two moments; Lord Howe Island's half an hour is not looked at
        "databricks_zoned(z, t)",
        "CASE WHEN timezone(z, timezone(z, t) - to_hours(1)) = t THEN timezone(z, t) - to_hours(1) ELSE timezone(z, t) END",
    ),
    (
        "databricks_parsed(x, matched, signs)",
        (
            "coalesce(databricks_try_parsed(x, matched, signs), CASE WHEN x IS NOT NULL THEN "
            f"{_fail('CANNOT_PARSE_TIMESTAMP', 'The text does not fit the pattern. Use try_to_timestamp for NULL.')} END)"
        ),
    ),
    ("databricks_try_parsed(x, matched, signs)", "CASE WHEN regexp_full_match(x, matched) THEN try_strptime(x, signs) END"),
    (
        "databricks_months_between(a, b)",
        (
            "(date_part('year', a) - date_part('year', b)) * 12 + date_part('month', a) - date_part('month', b) + CASE "
            "WHEN date_part('day', a) = date_part('day', b) OR (CAST(a AS DATE) = last_day(a) AND CAST(b AS DATE) = last_day(b)) THEN 0.0::DOUBLE "
            "ELSE (epoch_us(date_trunc('second', a)) - epoch_us(date_trunc('month', a)) "
            "- epoch_us(date_trunc('second', b)) + epoch_us(date_trunc('month', b))) / 2678400000000 END"
        ),
    ),
    ("databricks_floored(n, d)", "(n - (n % d + d) % d) // d"),
    ("databricks_months(a, b)", "(databricks_month_place(b) - databricks_month_place(a)) // 2764800000000"),
    (  # a month is counted as 32 days, so that the place within it never reaches the next one
        "databricks_month_place(t)",
        "(date_part('year', t) * 12 + date_part('month', t)) * 2764800000000 + (epoch_us(t) - epoch_us(date_trunc('month', t)))",
    ),
    (
        "databricks_float_text(x)",
        (
            "CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END "
            "WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR) "
            "WHEN abs(x) < CASE WHEN typeof(x) = 'FLOAT' THEN 1e-43 ELSE 1e-321 END THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'The text of a number so near to zero is not taken.')} "
            "ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || databricks_scientific(CAST(abs(x) AS VARCHAR)) END"
        ),
    ),
    (
        "databricks_scientific(t)",
        (
            "databricks_scientific_parts(regexp_extract(t, '^([0-9]+)', 1), regexp_extract(t, '^[0-9]+[.]([0-9]+)', 1), "
            "coalesce(TRY_CAST(regexp_extract(t, 'e[+]?(-?[0-9]+)', 1) AS INTEGER), 0))"
        ),
    ),
    (
        "databricks_scientific_parts(w, f, e)",
        (
            "CASE WHEN w = '0' THEN databricks_mantissa(ltrim(f, '0')) || 'E' || CAST(e - (length(f) - length(ltrim(f, '0'))) - 1 AS VARCHAR) "
            "ELSE databricks_mantissa(rtrim(w || f, '0')) || 'E' || CAST(e + length(w) - 1 AS VARCHAR) END"
        ),
    ),
    ("databricks_mantissa(d)", "left(d, 1) || '.' || CASE WHEN length(d) > 1 THEN substr(d, 2) ELSE '0' END"),
    (  # a year or a month alone is its first day; DuckDB reads `infinity` and `epoch` as moments, Databricks does not
        "databricks_time_text(s)",
        (
            "CASE WHEN length(s) >= 8 AND s[1] BETWEEN '0' AND '9' AND s[5] = '-' THEN s WHEN regexp_full_match(s, '\\s*[0-9]{4}\\s*') THEN trim(s) || '-01-01' "
            "WHEN regexp_full_match(s, '\\s*[0-9]{4}-[0-9]{1,2}\\s*') THEN trim(s) || '-01' "
            "WHEN regexp_matches(s, '(?i)^\\s*[-+]?inf') THEN 'not a time: ' || s "
            "WHEN regexp_matches(s, '(?i)^\\s*(T?[0-9]{1,2}:|[-+][0-9]{4}|(epoch|now|today|yesterday|tomorrow)\\s*$)') THEN "
            f"{_fail('UNSUPPORTED_FEATURE', 'A time without a day, a day with a sign and words such as now are not taken: write 2026-01-31.')} ELSE s END"
        ),
    ),
    ("databricks_is_clear(x, k)", "abs(x * k) < 9e15 AND abs(x * k - floor(x * k) - 0.5) > 0.001"),
    ("databricks_factorial(n)", "CASE WHEN n BETWEEN 0 AND 20 THEN CAST(factorial(n) AS BIGINT) END"),
    (
        "databricks_item(a, i)",
        f"CASE WHEN i < 0 OR i >= len(a) THEN {_fail('INVALID_ARRAY_INDEX', 'The index is out of bounds. Use get() for NULL.')} ELSE a[i + 1] END",
    ),
    ("databricks_get(a, i)", "CASE WHEN i >= 0 THEN a[i + 1] END"),
    (
        "databricks_element_at(a, i)",
        (
            f"CASE WHEN i = 0 AND a IS NOT NULL THEN {_fail('INVALID_INDEX_OF_ZERO', 'The index 0 is invalid; it is counted from 1.')} WHEN abs(i) > len(a) THEN "
            f"{_fail('INVALID_ARRAY_INDEX_IN_ELEMENT_AT', 'The index is out of bounds. Use try_element_at for NULL.')} ELSE a[i] END"
        ),
    ),
    (
        "databricks_try_element_at(a, i)",
        f"CASE WHEN i = 0 AND a IS NOT NULL THEN {_fail('INVALID_INDEX_OF_ZERO', 'The index 0 is invalid; it is counted from 1.')} ELSE a[i] END",
    ),
    (
        "databricks_slice(a, s, n)",
        (
            f"CASE WHEN a IS NULL OR s IS NULL OR n IS NULL THEN NULL WHEN s = 0 THEN {_fail('INVALID_PARAMETER_VALUE.START', 'The start is counted from 1.')} "
            f"WHEN n < 0 THEN {_fail('INVALID_PARAMETER_VALUE.LENGTH', 'The length is 0 or more.')} WHEN s > 0 THEN a[s : s + n - 1] "
            "WHEN len(a) + s >= 0 THEN a[len(a) + s + 1 : len(a) + s + n] ELSE [] END"
        ),
    ),
    (
        "databricks_sequence(a, b, s)",
        (
            "CASE WHEN (s > 0 AND a > b) OR (s < 0 AND a < b) OR (s = 0 AND a <> b) THEN "
            f"{_fail('INVALID_PARAMETER_VALUE', 'The step leads away from the end.')} ELSE generate_series(a, b, CASE WHEN s = 0 THEN 1 ELSE s END) END"
        ),
    ),
    (  # equal parts of what is between the bounds, from 1; 0 and one more than their number for what is outside
        "databricks_width_bucket(v, a, b, n)",
        (
            "CASE WHEN n <= 0 OR a = b OR isnan(v) OR NOT isfinite(a) OR NOT isfinite(b) THEN NULL "
            "WHEN a < b THEN CASE WHEN v < a THEN 0 WHEN v >= b THEN n + 1 ELSE CAST(trunc(n * (v - a) / (b - a)) AS BIGINT) + 1 END "
            "WHEN a > b THEN CASE WHEN v > a THEN 0 WHEN v <= b THEN n + 1 ELSE CAST(trunc(n * (a - v) / (a - b)) AS BIGINT) + 1 END END"
        ),
    ),
    (
        "databricks_made_time(y, o, d, h, m, s)",
        (
            "coalesce(databricks_try_made_time(y, o, d, h, m, s), CASE WHEN y IS NOT NULL AND o IS NOT NULL AND d IS NOT NULL AND h IS NOT NULL "
            "AND m IS NOT NULL AND s IS NOT NULL THEN "
            f"{_fail('DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION', 'There is no such moment. Use try_make_timestamp for NULL.')} END)"
        ),
    ),
    (  # a second of 60 is the next minute
        "databricks_try_made_time(y, o, d, h, m, s)",
        (
            "CASE WHEN y BETWEEN 1 AND 9999 AND o BETWEEN 1 AND 12 AND d >= 1 AND h BETWEEN 0 AND 23 AND m BETWEEN 0 AND 59 "
            "AND (s BETWEEN 0 AND 59.999999 OR s = 60) AND d <= date_part('day', last_day(make_date(least(greatest(y, 1), 9999), least(greatest(o, 1), 12), 1))) "
            "THEN make_timestamp(y, o, least(greatest(d, 1), date_part('day', last_day(make_date(least(greatest(y, 1), 9999), least(greatest(o, 1), 12), 1)))), "
            "least(greatest(h, 0), 23), least(greatest(m, 0), 59), 0.0) + to_microseconds(CAST(s * 1000000 AS BIGINT)) END"
        ),
    ),
    ("databricks_part_of_rows(a, f)", "a[greatest(CAST(ceil(f * len(a)) AS BIGINT), 1)]"),
    (
        "databricks_array_contains(a, x)",
        "CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(a, x) THEN true WHEN len(list_filter(a, lambda v: v IS NULL)) > 0 THEN NULL ELSE false END",
    ),
    (  # the lambdas take nothing from outside, or DuckDB fails where the array is an aggregate
        "databricks_array_distinct(a)",
        (
            "CASE WHEN len(a) <= 1 THEN a ELSE list_reduce(list_transform(a, lambda v: [v]), "
            "lambda s, x: CASE WHEN list_position(s, x[1]) > 0 THEN s ELSE list_concat(s, x) END) END"
        ),
    ),
    (
        "databricks_substring_from(s, p)",
        "CASE WHEN p IS NULL THEN NULL WHEN p >= 0 OR -p <= length(s) THEN substr(s, CASE WHEN p = 0 THEN 1 ELSE p END) ELSE s END",
    ),
    (
        "databricks_substring(s, p, n)",
        (
            "CASE WHEN n <= 0 THEN CASE WHEN s IS NOT NULL AND p IS NOT NULL THEN '' END WHEN p > 0 THEN substr(s, p, n) WHEN p = 0 THEN substr(s, 1, n) "
            "WHEN -p <= length(s) THEN substr(s, CAST(length(s) + p + 1 AS INTEGER), n) ELSE substr(s, 1, CAST(greatest(n + p + length(s), 0) AS INTEGER)) END"
        ),
    ),
    ("databricks_lpad(s, n, p)", "CASE WHEN n <= 0 AND s IS NOT NULL THEN '' WHEN length(s) >= n OR p = '' THEN left(s, n) ELSE lpad(s, n, p) END"),
    ("databricks_rpad(s, n, p)", "CASE WHEN n <= 0 AND s IS NOT NULL THEN '' WHEN length(s) >= n OR p = '' THEN left(s, n) ELSE rpad(s, n, p) END"),
    (
        "databricks_split_part(s, d, n)",
        (
            f"CASE WHEN n = 0 THEN {_fail('INVALID_INDEX_OF_ZERO', 'The index 0 is invalid; it is counted from 1.')} WHEN d = '' THEN "
            "CASE WHEN abs(n) = 1 THEN s WHEN s IS NOT NULL THEN '' END ELSE split_part(s, d, n) END"
        ),
    ),
)

_BY_NAME = {
    head.partition("(")[0]: (head, body)
    for head, body in (*radix_macros.ROWS, *hash_macros.ROWS, *moment_macros.ROWS, *text_macros.ROWS, *list_macros.ROWS, *json_macros.ROWS, *_ROWS)
}
NAMES = frozenset(_BY_NAME)


def statements(sql: str) -> tuple[str, ...]:
    """The statements that make those whose names occur in a query, and those that these need, the needed ones first; each takes a while to make."""
    wanted: dict[str, None] = {}
    pending = [sql.lower()]
    while pending:
        text = pending.pop()
        for name, (_, body) in _BY_NAME.items():
            if f"{name}(" in text and name not in wanted:
                wanted[name] = None
                pending.append(body)
    return tuple(f"CREATE MACRO {head} AS {body}" for name, (head, body) in reversed(_BY_NAME.items()) if name in wanted)

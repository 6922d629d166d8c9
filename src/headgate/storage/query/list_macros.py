"""The macros of arrays and maps: each is a function of Databricks that DuckDB lacks, by its name with parameters and its body."""

from headgate.storage.query.duckdb_text import failing as _fail

ROWS = (
    (
        "databricks_sequence_of_times(a, b, s)",
        "list_transform(databricks_sequence(epoch_us(a), epoch_us(b), s), lambda t: make_timestamp(t))",
    ),
    ("databricks_day_step(s)", f"CASE WHEN s = 0 THEN {_fail('INVALID_PARAMETER_VALUE', 'The step is a day or more.')} ELSE s END"),
    (  # each is the start with so many months, so that the end of a month stays one
        "databricks_sequence_of_months(a, b, m)",
        (
            "CASE WHEN a IS NULL OR b IS NULL OR m IS NULL THEN NULL WHEN m = 0 OR (m > 0 AND a > b) OR (m < 0 AND a < b) THEN "
            f"{_fail('INVALID_PARAMETER_VALUE', 'The step leads away from the end.')} ELSE list_filter(list_transform(range(0, "
            "abs((date_part('year', b) - date_part('year', a)) * 12 + date_part('month', b) - date_part('month', a)) // abs(m) + 1), "
            "lambda i: a + to_months(CAST(i * m AS INTEGER))), lambda t: CASE WHEN m > 0 THEN t <= b ELSE t >= b END) END"
        ),
    ),
    (
        "databricks_arrays_overlap(a, b)",
        (
            "CASE WHEN list_has_any(a, b) THEN true WHEN len(a) > 0 AND len(b) > 0 AND (list_count(a) < len(a) OR list_count(b) < len(b)) THEN NULL "
            "WHEN a IS NOT NULL AND b IS NOT NULL THEN false END"
        ),
    ),
    (
        "databricks_array_except(a, b)",
        "CASE WHEN b IS NOT NULL THEN databricks_array_distinct(list_filter(a, lambda v: coalesce(list_position(b, v), 0) = 0)) END",
    ),
    (
        "databricks_array_intersect(a, b)",
        "CASE WHEN b IS NOT NULL THEN databricks_array_distinct(list_filter(a, lambda v: list_position(b, v) > 0)) END",
    ),
    (
        "databricks_array_insert(a, i, x)",
        (
            f"CASE WHEN a IS NULL OR i IS NULL THEN NULL WHEN i = 0 THEN {_fail('INVALID_INDEX_OF_ZERO', 'The index 0 is invalid; it is counted from 1.')} "
            "WHEN i > len(a) THEN list_append(list_resize(a, i - 1), x) WHEN i > 0 THEN list_concat(a[1 : i - 1], [x], a[i :]) "
            "WHEN -i <= len(a) + 1 THEN list_concat(a[1 : len(a) + i + 1], [x], a[len(a) + i + 2 :]) "
            "ELSE list_concat([x], list_resize(a[1 : 0], -i - len(a) - 1), a) END"
        ),
    ),
    ("databricks_joined_keys(a, b)", "list_concat(map_keys(a), list_filter(map_keys(b), lambda k: NOT map_contains(a, k)))"),
    (  # a piece without the separator is a key without a value
        "databricks_str_to_map(l, d)",
        (
            "CASE WHEN l IS NOT NULL THEN map(list_transform(l, lambda p: split_part(p, d, 1)), "
            "list_transform(l, lambda p: CASE WHEN contains(p, d) THEN substr(p, instr(p, d) + length(d)) END)) END"
        ),
    ),
)

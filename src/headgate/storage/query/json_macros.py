"""The macros of JSON: each is a function of Databricks that DuckDB lacks, by its name with parameters and its body. Those that use others come first."""

from headgate.storage.query.duckdb_text import failing as _fail

ROWS = (
    (  # Spark reads an object that something follows, and names and texts in single quotes: these are refused, and what is no JSON at all is NULL
        "databricks_json(s)",
        (
            "coalesce(TRY_CAST(s AS JSON), CASE WHEN regexp_matches(s, '^\\s*[{\\[].*[}\\]]\\s*[^}\\]\\s]|[{,:\\[]\\s*''') THEN "
            f"CAST({_fail('UNSUPPORTED_FEATURE', 'A text that JSON follows up with more, or that has single quotes, is not taken by from_json.')} AS JSON) END)"
        ),
    ),
    (  # of a key that is twice Spark takes the last value, DuckDB the first
        "databricks_json_fields(j, p)",
        (
            "CASE WHEN len(json_keys(j)) > len(list_distinct(json_keys(j))) THEN "
            f"CAST({_fail('UNSUPPORTED_FEATURE', 'An object with a key twice is not taken.')} AS JSON[]) ELSE json_extract(j, p) END"
        ),
    ),
    (
        "databricks_json_decimal(j)",
        (
            "CASE WHEN json_type(j) IN ('BIGINT', 'UBIGINT', 'DOUBLE') OR (json_type(j) = 'VARCHAR' AND regexp_full_match(json_extract_string(j, '$'), "
            "'[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?')) THEN json_extract_string(j, '$') END"
        ),
    ),
    (
        "databricks_json_float(j)",
        (
            "CASE WHEN json_type(j) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN json_extract_string(j, '$') WHEN json_type(j) = 'VARCHAR' AND "
            "json_extract_string(j, '$') IN ('NaN', 'Infinity', '+Infinity', '-Infinity', 'INF', '+INF', '-INF') THEN ltrim(json_extract_string(j, '$'), '+') END"
        ),
    ),
    (  # numbers are written as Spark writes them; where DuckDB has not kept their digits, there is no answer
        "databricks_json_text(j)",
        (
            "CASE WHEN json_type(j) IN ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN') THEN json_extract_string(j, '$') "
            "WHEN json_type(j) = 'DOUBLE' AND abs(TRY_CAST(json_extract_string(j, '$') AS DOUBLE)) < 1e15 THEN databricks_float_text(TRY_CAST(json_extract_string(j, '$') AS DOUBLE)) "
            "WHEN json_type(j) IN ('OBJECT', 'ARRAY') AND NOT regexp_matches(json_extract_string(j, '$'), '[0-9]e|[0-9]{8}[.]|[^0-9.]0[.]000') "
            "THEN json_extract_string(j, '$') "
            f"WHEN json_type(j) <> 'NULL' THEN {_fail('UNSUPPORTED_FEATURE', 'A number in JSON of so many digits is not taken as a text.')} END"
        ),
    ),
)

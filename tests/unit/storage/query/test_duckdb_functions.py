"""The list of functions that DuckDB may run."""

import duckdb

from headgate.storage.query import duckdb_functions, macros

NEVER = {
    "read_csv", "read_text", "read_blob", "read_parquet", "glob", "getenv", "getvariable", "setseed", "nextval", "currval", "current_setting", "current_query",
    "write_log", "sleep_ms", "pg_sleep", "json_execute_serialized_sql", "json_deserialize_sql", "query", "query_table", "duckdb_settings", "which_secret",
    "current_schemas", "version", "txid_current", "in_search_path", "sniff_csv", "parquet_scan", "arrow_scan", "python_map_function", "invoke",
}  # fmt: skip


def test_nothing_that_reads_state_is_listed():
    """Files, settings, variables, secrets, logs, sleep."""
    assert not duckdb_functions.FUNCTIONS & NEVER
    assert not duckdb_functions.TABLE_FUNCTIONS & NEVER


def test_every_name_is_one_that_duckdb_has():
    """A name that means nothing is a mistake in the list."""
    connection = duckdb.connect()
    for statement in macros.statements(" ".join(f"{name}(" for name in macros.NAMES)):
        connection.execute(statement)
    known = {row[0] for row in connection.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()}
    # These are syntax, not functions of the catalog.
    syntax = {
        "coalesce",
        "grouping",
        "grouping_id",
        "cume_dist",
        "dense_rank",
        "first_value",
        "last_value",
        "lag",
        "lead",
        "nth_value",
        "ntile",
        "percent_rank",
        "rank",
        "row_number",
        "ifnull",
        "unnest",
        "try",
    }

    assert sorted(duckdb_functions.FUNCTIONS - known - syntax) == []

"""What a statement means: every name resolved, every expression with its Databricks type, and DuckDB's text for it. Nothing is written that has no entry."""

"""The query gateway: Databricks SQL in, rows out. A statement passes an allow-list of its syntax, the catalog, and an engine in a sandboxed process."""

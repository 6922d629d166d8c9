"""The joined ledger: views over the usage table and all OpenTelemetry tables, as texts of SQL and columns. Runs nothing."""

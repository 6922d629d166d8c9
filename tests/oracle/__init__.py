"""Spark is the oracle of Headgate's SQL: every statement of a corpus answers as Spark does, or is refused.

    corpus/<family>.sql       statements written by hand, a line each; an expression is selected
    generate, generate_parts  statements made of lists: types × edge values × operators and functions
    expected/<family>.jsonl   Spark's answers, kept: `make oracle` asks anew. `zones` has what differs in America/New_York
    expected/documented.jsonl what only Databricks has; the source of each is its documentation
    compare, verdict          Headgate's answers beside them: `python -m tests.oracle.compare --help`
    kept.json, test_oracle    wrong and refused rows of each family, which may only become fewer: `compare --keep` writes lower figures

`make oracle` needs Java 17. It installs PySpark into `.oracle`, apart from the project's lock, and runs `python -m tests.oracle.make` there, which asks only what
is new (all, with `--anew`; one family, with its name). Spark runs in ANSI mode, as Databricks does by default, with the session's time zone UTC; statements
that may depend on the zone are asked in America/New_York too.

To add statements: a line in `corpus/<family>.sql`, then `PYTHONPATH=. .oracle/bin/python -m tests.oracle.make <family>`. Nothing in them may depend on chance or on the
clock. Tables that they may read are in `tables`.

To ask Spark and Headgate one statement: `.oracle/bin/python -m tests.oracle.serve` in one terminal, `python -m tests.oracle.ask "SELECT …"` in another.
"""

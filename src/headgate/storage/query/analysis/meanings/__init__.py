"""The allow-list of functions: what each of Databricks' functions means in DuckDB, or why it is refused. A function that is in none of these lists is refused.

Names and meanings: https://docs.databricks.com/en/sql/language-manual/sql-ref-functions-builtin-alpha.html
"""

from headgate.storage.query.analysis.meaning import Meaning
from headgate.storage.query.analysis.meanings import basics, collections, encodings, groups, json, numbers, patterns, texts, times

MEANINGS: tuple[Meaning, ...] = (
    *basics.MEANINGS, *collections.MEANINGS, *encodings.MEANINGS, *groups.MEANINGS, *json.MEANINGS, *numbers.MEANINGS, *patterns.MEANINGS,
    *texts.MEANINGS, *times.MEANINGS,
)  # fmt: skip

"""The allow-list of functions: what each of Databricks' functions means in DuckDB, or why it is refused. A function that is in none of these lists is refused.

Names and meanings: https://docs.databricks.com/en/sql/language-manual/sql-ref-functions-builtin-alpha.html
"""

import itertools
from collections.abc import Mapping

from headgate.storage.query.analysis.meaning import Meaning
from headgate.storage.query.analysis.meanings import (
    array_order,
    array_pairs,
    attempts,
    basics,
    bits,
    collections,
    encodings,
    groups,
    hashes,
    intervals,
    json,
    json_records,
    json_schemas,
    maps,
    numbers,
    ordered_groups,
    patterns,
    radices,
    rounding,
    sequences,
    text_disguises,
    texts,
    time_conversions,
    times,
    urls,
)

FAMILIES: Mapping[str, tuple[Meaning, ...]] = {
    "basics": basics.MEANINGS,
    "numbers": (*numbers.MEANINGS, *radices.MEANINGS, *bits.MEANINGS, *attempts.MEANINGS),
    "rounding": rounding.MEANINGS,
    "texts": (*texts.MEANINGS, *text_disguises.MEANINGS),
    "patterns": patterns.MEANINGS,
    "encodings": (*encodings.MEANINGS, *hashes.MEANINGS, *urls.MEANINGS),
    "times": (*times.MEANINGS, *time_conversions.MEANINGS, *intervals.MEANINGS),
    "collections": (*collections.MEANINGS, *array_order.MEANINGS, *array_pairs.MEANINGS, *maps.MEANINGS, *sequences.MEANINGS),
    "json": (*json.MEANINGS, *json_records.MEANINGS, *json_schemas.MEANINGS),
    "groups": (*groups.MEANINGS, *ordered_groups.MEANINGS),
}
"""The functions, by what they are about."""
MEANINGS: tuple[Meaning, ...] = tuple(itertools.chain.from_iterable(FAMILIES.values()))

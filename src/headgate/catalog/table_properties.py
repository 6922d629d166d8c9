"""Which table properties a statement may set. `delta.*` properties change the table format, so only those that every reader and our writer keep are let through.

Measured against delta-rs 1.6: several properties are stored without the protocol feature they need, which makes a table that others misread.
"""

import difflib
import re
from collections.abc import Mapping
from itertools import starmap

from headgate.core.errors import BadRequest

_INTEGER = re.compile(r"\d{1,9}")
_BOOLEAN = re.compile(r"true|false", re.IGNORECASE)
_INTERVAL = re.compile(r"(interval\s+)?\d{1,6}\s+(second|minute|hour|day|week)s?", re.IGNORECASE)
_CODEC = re.compile(r"zstd|snappy|uncompressed", re.IGNORECASE)
_POLICY = re.compile(r"classic", re.IGNORECASE)

# Property in lower case -> (how it is stored, what its value must look like, how that is said).
_DELTA = {
    name.lower(): (name, pattern, form)
    for name, pattern, form in (
        ("delta.appendOnly", _BOOLEAN, "true or false"),
        ("delta.checkpointInterval", _INTEGER, "a whole number"),
        ("delta.checkpointPolicy", _POLICY, "classic"),
        ("delta.logRetentionDuration", _INTERVAL, "an interval such as 'interval 30 days'"),
        ("delta.deletedFileRetentionDuration", _INTERVAL, "an interval such as 'interval 7 days'"),
        ("delta.enableExpiredLogCleanup", _BOOLEAN, "true or false"),
        ("delta.dataSkippingNumIndexedCols", _INTEGER, "a whole number"),
        ("delta.autoOptimize.optimizeWrite", _BOOLEAN, "true or false"),
        ("delta.autoOptimize.autoCompact", _BOOLEAN, "true or false"),
        ("delta.parquet.compression.codec", _CODEC, "zstd, snappy or uncompressed"),
    )
}
_WHY = {
    "delta.enablerowtracking": "Spark cannot read such a table",
    "delta.enableincommittimestamps": "Spark cannot write such a table",
    "delta.enableicebergcompatv2": "Spark cannot write such a table",
    "delta.enabletypewidening": "delta-rs refuses such a table",
    "delta.minreaderversion": "the reader version follows from the schema",
    "delta.minwriterversion": "the writer version follows from the schema",
    "delta.columnmapping.mode": "column mapping makes other readers see wrong column names",
    "delta.enabledeletionvectors": "deletion vectors make other readers count wrongly",
    "delta.enablechangedatafeed": "change data feed is not written",
    "delta.targetfilesize": "Spark's DDL refuses it; the flusher chooses file sizes",
    "delta.dataskippingstatscolumns": "it is matched by leaf names and Spark refuses unknown ones; use delta.dataSkippingNumIndexedCols",
}
CLUSTERING = "headgate.clusteringColumns"  # CLUSTER BY is remembered, never written as a table feature: delta-rs cannot append to clustered tables
RETENTION_PROPERTY = "headgate.retentionDays"  # days that the flusher keeps a table's rows
_KEYS_MAX = 200
_VALUE_CHARS_MAX = 4000


def check(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties as they are stored, or a refusal that names the property and why."""
    if len(properties) > _KEYS_MAX:
        raise BadRequest(f"{len(properties)} table properties; at most {_KEYS_MAX} are allowed.", code="INVALID_PARAMETER_VALUE")
    return dict(starmap(_checked, properties.items()))


def _checked(key: str, value: str) -> tuple[str, str]:
    lower = key.lower()
    if not key or len(key) > 255 or len(value) > _VALUE_CHARS_MAX:
        raise BadRequest(f"The table property {key[:80]!r} is empty or too long.", code="INVALID_PARAMETER_VALUE")
    if not lower.startswith("delta."):
        return key, value
    known = _DELTA.get(lower)
    if known is None:
        raise BadRequest(f"The table property {key} cannot be set: {_reason(lower)}.", code="DELTA_UNKNOWN_CONFIGURATION")
    name, pattern, form = known
    if not pattern.fullmatch(value.strip()):
        raise BadRequest(f"The table property {name} takes {form}, not {value!r}.", code="INVALID_PARAMETER_VALUE")
    return name, value.strip().lower() if pattern is _BOOLEAN else value.strip()


def _reason(lower: str) -> str:
    if lower.startswith("delta.feature."):
        return "table features follow from the schema"
    if lower in _WHY:
        return _WHY[lower]
    nearest = difflib.get_close_matches(lower, _DELTA, n=1)
    return f"it is not known; did you mean {_DELTA[nearest[0]][0]}?" if nearest else "it is not one that every reader keeps"

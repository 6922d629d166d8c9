"""Which table properties may be set."""

import pytest

from headgate.catalog import table_properties
from headgate.core.errors import BadRequest


def test_own_properties_pass_and_delta_ones_are_normalised():
    """Anything outside `delta.` is kept as it is; known `delta.` names get their own spelling."""
    given = {"otel.schemaVersion": "v1", "DELTA.appendonly": "TRUE", "delta.logRetentionDuration": "interval 30 days"}

    assert table_properties.check(given) == {"otel.schemaVersion": "v1", "delta.appendOnly": "true", "delta.logRetentionDuration": "interval 30 days"}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("delta.enableRowTracking", "true", "Spark cannot read"),
        ("delta.columnMapping.mode", "name", "column names"),
        ("delta.enableDeletionVectors", "true", "count wrongly"),
        ("delta.minReaderVersion", "3", "follows from the schema"),
        ("delta.feature.catalogManaged", "supported", "table features"),
        ("delta.targetFileSize", "1", "file sizes"),
        ("delta.dataSkippingStatsColumns", "a", "NumIndexedCols"),
        ("delta.appendOnl", "true", "did you mean delta.appendOnly"),
        ("delta.zzz", "true", "not one that every reader keeps"),
        ("delta.appendOnly", "maybe", "true or false"),
        ("delta.checkpointPolicy", "v2", "classic"),
        ("", "x", "empty"),
        ("x", "y" * 5000, "too long"),
    ],
)
def test_what_would_break_a_table_is_refused_with_the_reason(key, value, says):
    """Each refusal says why, or what was meant."""
    with pytest.raises(BadRequest, match=says):
        table_properties.check({key: value})


def test_their_number_is_bounded():
    """A statement cannot fill the log with properties."""
    with pytest.raises(BadRequest, match="at most 200"):
        table_properties.check({f"k{n}": "v" for n in range(201)})

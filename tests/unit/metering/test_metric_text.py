"""The text of metrics, read back by the library that Prometheus' own clients use."""

from decimal import Decimal

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain

from headgate.metering.metric_text import COUNTER, GAUGE, HISTOGRAM, Metric, Observed, exposition

SPENT = Metric("spent_usd_total", COUNTER, 'Money, as in "usage".', ("user",))
OPEN = Metric("open_things", GAUGE, "Things that are open.")
TIMES = Metric("times_seconds", HISTOGRAM, "Times.", ("kind",), (0.1, 1, 10))
FOUND = [
    (SPENT, {("ada",): Decimal("0.000000000001"), ('odd "name"\\\n',): 3}),
    (OPEN, {(): 7}),
    (TIMES, {("a",): Observed((1, 2, 0, 4), 41.5)}),
]


@pytest.mark.parametrize(("as_openmetrics", "read"), [(False, read_plain), (True, read_openmetrics)], ids=["plain", "openmetrics"])
def test_both_formats_are_read_back(as_openmetrics, read):
    """Values, labels with every character that must be escaped, and the buckets of a histogram, each with all below it."""
    families = {family.name: family for family in read(exposition(FOUND, as_openmetrics=as_openmetrics))}
    samples = {(sample.name, *sample.labels.values()): sample.value for family in families.values() for sample in family.samples}

    assert {name: family.type for name, family in families.items()} == {"spent_usd": COUNTER, "open_things": GAUGE, "times_seconds": HISTOGRAM}
    assert families["spent_usd"].documentation == 'Money, as in "usage".'
    assert samples == {
        ("spent_usd_total", "ada"): 1e-12,
        ("spent_usd_total", 'odd "name"\\\n'): 3,
        ("open_things",): 7,
        ("times_seconds_bucket", "a", "0.1"): 1,
        ("times_seconds_bucket", "a", "1.0"): 3,
        ("times_seconds_bucket", "a", "10.0"): 3,
        ("times_seconds_bucket", "a", "+Inf"): 7,
        ("times_seconds_sum", "a"): 41.5,
        ("times_seconds_count", "a"): 7,
    }


def test_openmetrics_has_an_end():
    """A reader knows by it that nothing is missing. The older format has none."""
    assert exposition([], as_openmetrics=True) == "# EOF\n"
    assert exposition([(OPEN, {})], as_openmetrics=False) == "# HELP open_things Things that are open.\n# TYPE open_things gauge\n"

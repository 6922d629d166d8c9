"""The table of metrics keeps the rules of their names: https://prometheus.io/docs/practices/naming/."""

import re

import pytest

from headgate.metering import metric_table
from headgate.metering.metric_table import METRICS
from headgate.metering.metric_text import COUNTER, HISTOGRAM, Metric


def test_every_metric_is_in_the_table_once():
    """What the module defines is what is written."""
    defined = [value for value in vars(metric_table).values() if isinstance(value, Metric)]

    assert sorted(METRICS, key=lambda metric: metric.name) == sorted(defined, key=lambda metric: metric.name)
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_say_the_kind_and_the_unit(metric):
    """A counter ends in `_total` and nothing else does; a histogram has rising bounds in seconds; labels are plain names, and `le` is the format's own."""
    assert re.fullmatch(r"(headgate|process)(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == COUNTER)
    assert bool(metric.bounds) == (metric.kind == HISTOGRAM)
    assert list(metric.bounds) == sorted(metric.bounds)
    assert metric.kind != HISTOGRAM or metric.name.endswith("_seconds")
    assert all(re.fullmatch(r"[a-z_]+", label) and label != "le" for label in metric.labels)
    assert metric.about.endswith(".")
    assert not set(metric.about) & {"\n", "\\"}

"""A gateway's metrics, read as a program that collects them reads them."""

import urllib.request
from collections import defaultdict

from prometheus_client.openmetrics.parser import text_string_to_metric_families

READABLE = '[metrics]\nnetworks = ["127.0.0.1"]\n'
"""The setting with which this machine needs no token."""


def metrics(url: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Every value of `/metrics` by its name, with its labels in alphabetical order of their names."""
    asked = urllib.request.Request(f"{url}/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        text = answer.read().decode()
    found: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name][tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found

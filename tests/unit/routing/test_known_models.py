"""The built-in model lists and the vendors they belong to."""

import pytest
from genai_prices.data_snapshot import get_snapshot

from headgate.core.endpoint import Provider
from headgate.routing.known_models import AS_OF, KNOWN, SOURCE, vendor_of


@pytest.mark.parametrize(
    ("url", "vendor"),
    [
        ("https://api.anthropic.com", "anthropic"), ("https://api.openai.com/v1", "openai"), ("http://127.0.0.1:9000/v1", ""),
        ("https://generativelanguage.googleapis.com", "gemini"), ("https://api.openai.com.example/v1", ""),
        ("https://adb-1.azuredatabricks.net/ai-gateway/gemini", "databricks"), ("https://x.cloud.databricks.com/serving-endpoints", "databricks"),
    ],
)  # fmt: skip
def test_vendor_of(url, vendor):
    """A vendor is known by its address alone."""
    assert vendor_of(Provider(name="p", dialect="openai", base_url=url)) == vendor


def test_known_models_are_priced():
    """Every name in the lists has a price, and the lists say when and whence they were taken."""
    providers = {provider.id: provider for provider in get_snapshot().providers}
    for family, price_id in (("anthropic", "anthropic"), ("openai", "openai"), ("gemini", "google")):
        assert [name for name in KNOWN[family] if providers[price_id].find_model(name) is None] == []
    assert AS_OF
    assert SOURCE

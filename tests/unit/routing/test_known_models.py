"""The built-in model lists and the vendors they belong to."""

from genai_prices.data_snapshot import get_snapshot

from headgate.routing.known_models import AS_OF, KNOWN, PATTERNS, SOURCE, VENDORS


def test_known_models_are_priced():
    """Every name in the lists has a price, and the lists say when and whence they were taken."""
    providers = {provider.id: provider for provider in get_snapshot().providers}
    for family, price_id in (("anthropic", "anthropic"), ("openai", "openai"), ("gemini", "google")):
        assert [name for name in KNOWN[family] if providers[price_id].find_model(name) is None] == []
    assert AS_OF
    assert SOURCE


def test_every_vendors_names_look_like_its_names():
    """Each dialect has a vendor, each vendor a list and a pattern that its names match."""
    assert set(VENDORS.values()) == set(KNOWN) == set(PATTERNS)
    assert [name for vendor, names in KNOWN.items() for name in names if PATTERNS[vendor].fullmatch(name) is None] == []

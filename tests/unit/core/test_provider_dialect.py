"""What a provider's `dialect` stands for, and where providers are."""

import pytest

from headgate.core.provider_dialect import WORDS, dialects_of, vendor_of
from headgate.dialects.registry import PROVIDERS

OPENAI = "https://api.openai.com/v1"
DATABRICKS = "https://adb-1.azuredatabricks.net/ai-gateway/openai/v1"
SERVING = "https://x.cloud.databricks.com/serving-endpoints"
LAB = "http://127.0.0.1:9000/v1"
OLLAMA = "http://127.0.0.1:11434/v1"
BOTH_RESPONSES_FIRST, BOTH_CHAT_FIRST = ("openai_responses", "openai_chat"), ("openai_chat", "openai_responses")


@pytest.mark.parametrize(
    ("url", "vendor"),
    [
        ("https://api.anthropic.com", "anthropic"), (OPENAI, "openai"), (LAB, ""), ("demo:openai", ""),
        ("https://generativelanguage.googleapis.com", "gemini"), ("https://api.openai.com.example/v1", ""),
        ("https://adb-1.azuredatabricks.net/ai-gateway/gemini", "databricks"), (SERVING, "databricks"),
        ("https://acme.openai.azure.com/openai/v1", "azure"), ("https://acme.openai.azure.com.example/v1", ""),
    ],
)  # fmt: skip
def test_vendor_of(url, vendor):
    """A vendor is known by its address alone."""
    assert vendor_of(url) == vendor


@pytest.mark.parametrize(
    ("word", "url", "dialects"),
    [
        ("anthropic", "https://api.anthropic.com", ("anthropic",)),
        ("anthropic", LAB, ("anthropic",)),
        ("gemini", "https://generativelanguage.googleapis.com", ("gemini",)),
        ("openai", OPENAI, BOTH_RESPONSES_FIRST),
        ("openai", DATABRICKS, BOTH_RESPONSES_FIRST),
        ("openai", SERVING, BOTH_RESPONSES_FIRST),
        ("openai", OLLAMA, BOTH_CHAT_FIRST),
        ("openai", "https://api.openai.com.example/v1", BOTH_CHAT_FIRST),
        ("openai", "demo:openai", BOTH_CHAT_FIRST),
        ("openai_chat", OPENAI, ("openai_chat",)),
        ("openai_chat", LAB, ("openai_chat",)),
        ("openai_responses", LAB, ("openai_responses",)),
        ("openai_responses", DATABRICKS, ("openai_responses",)),
    ],
)
def test_dialects_of(word, url, dialects):
    """`openai` is both of OpenAI's formats. To translate to, Responses is first at OpenAI and Databricks, Chat Completions elsewhere."""
    assert dialects_of(word, url) == dialects


def test_every_word_stands_for_dialects_that_exist():
    """And has the address of the provider that defined it."""
    assert {dialect for word in WORDS.values() for dialect in word.dialects} <= set(PROVIDERS)
    assert all(vendor_of(word.base_url) for word in WORDS.values())

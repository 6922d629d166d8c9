"""Which provider of ours a deployment of LiteLLM means."""

import pytest

from headgate.config.litellm_providers import ProviderNames, model_of


@pytest.mark.parametrize(
    ("parameters", "entry", "model"),
    [
        (
            {"model": "anthropic/claude-opus-4-6", "api_key": "os.environ/KEY"},
            {"name": "anthropic", "dialect": "anthropic", "api_key": "env:KEY"},
            "claude-opus-4-6",
        ),
        ({"model": "gpt-5.2"}, {"name": "openai", "dialect": "openai", "api_key": "env:OPENAI_API_KEY"}, "gpt-5.2"),
        (
            {"model": "openai/qwen", "api_base": "http://10.0.0.1:8000/v1/", "api_key": "os.environ/K"},
            {"name": "openai", "dialect": "openai_chat", "base_url": "http://10.0.0.1:8000/v1", "api_key": "env:K"},
            "qwen",
        ),
        (
            {"model": "azure/my-gpt", "api_base": "https://a.openai.azure.com/", "api_key": "os.environ/K"},
            {"name": "azure", "dialect": "openai", "base_url": "https://a.openai.azure.com/openai/v1", "api_key": "env:K"},
            "my-gpt",
        ),
        (
            {"model": "anthropic/claude-x", "api_base": "https://proxy.example/v1", "api_key": "os.environ/K"},
            {"name": "anthropic", "dialect": "anthropic", "base_url": "https://proxy.example", "api_key": "env:K"},
            "claude-x",
        ),
        (
            {"model": "openrouter/meta/llama-4"},
            {"name": "openrouter", "dialect": "openai_chat", "base_url": "https://openrouter.ai/api/v1", "api_key": "env:OPENROUTER_API_KEY"},
            "meta/llama-4",
        ),
        (
            {"model": "ollama_chat/qwen3", "api_base": "http://gpu:11434"},
            {"name": "ollama_chat", "dialect": "openai_chat", "base_url": "http://gpu:11434/v1"},
            "qwen3",
        ),
    ],
)  # fmt: skip
def test_a_deployment_s_provider(parameters, entry, model):
    """Its dialect, address and the place of its key, in our words; and the model without the provider's word."""
    names = ProviderNames([])
    assert names.of(parameters, "model_list[0]") == entry["name"]
    assert names.entries == [entry]
    assert model_of(parameters) == model


def test_one_account_is_one_provider():
    """The same address and key have one name; another key is another account."""
    names = ProviderNames([])
    found = [names.of({"model": "openai/a", "api_key": f"os.environ/{key}"}, "x") for key in ("A", "B", "A")]
    assert found == ["openai", "openai-2", "openai"]
    assert [entry["api_key"] for entry in names.entries] == ["env:A", "env:B"]


def test_a_written_key_is_not_taken_over():
    """A reference to a variable takes its place, and a note says so without the key."""
    notes = []
    names = ProviderNames(notes)
    names.of({"model": "openai/a", "api_key": "sk-very-secret"}, "model_list[3]")
    assert names.entries[0]["api_key"] == "env:OPENAI_API_KEY"
    assert notes == ["model_list[3]: its key is written in the configuration and not taken over; set OPENAI_API_KEY to it"]


@pytest.mark.parametrize(
    ("parameters", "note"),
    [
        ({"model": "bedrock/claude"}, "provider 'bedrock' is not converted"),
        ({"model": "azure/x"}, "needs an api_base"),
        ({"model": "openai/x", "api_base": "os.environ/BASE"}, "its address is in the variable BASE"),
    ],
)  # fmt: skip
def test_what_cannot_be_reached_is_noted(parameters, note):
    """And has no provider."""
    notes = []
    assert not ProviderNames(notes).of(parameters, "model_list[0]")
    assert note in notes[0]

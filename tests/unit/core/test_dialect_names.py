"""The names of wire formats."""

from headgate.core.dialect_names import NAMES, dialect_name, spoken_text
from headgate.core.provider_dialect import WORDS
from headgate.dialects.registry import CLIENTS, PROVIDERS


def test_every_dialect_has_a_name():
    """Those of clients and of providers, and the words of a configuration; another word stays what it is."""
    assert NAMES.keys() == CLIENTS.keys() | PROVIDERS.keys() | WORDS.keys()
    assert dialect_name("openai_responses") == "OpenAI Responses"
    assert dialect_name("newer") == "newer"


def test_what_passes_as_it_is_and_what_is_translated():
    """One line: the formats of the providers in a fixed order, and that every other is translated, where there is another."""
    assert spoken_text(["gemini", "anthropic"]) == "Anthropic, Gemini; Headgate translates all others, so every agent may use every model"
    every = spoken_text(["gemini", "openai_chat", "openai_responses", "anthropic"])
    assert every == "Anthropic, OpenAI Responses, OpenAI Chat, Gemini; Headgate translates between them, so every agent may use every model"
    assert not spoken_text([])

"""The names of wire formats."""

from headgate.core.dialect_names import NAMES, dialect_name
from headgate.core.provider_dialect import WORDS
from headgate.dialects.registry import CLIENTS, PROVIDERS


def test_every_dialect_has_a_name():
    """Those of clients and of providers, and the words of a configuration; another word stays what it is."""
    assert NAMES.keys() == CLIENTS.keys() | PROVIDERS.keys() | WORDS.keys()
    assert dialect_name("openai_responses") == "OpenAI Responses"
    assert dialect_name("newer") == "newer"

"""The schema of what a human writes."""

import msgspec

from headgate.config.schema import Settings, json_schema


def test_every_setting_has_a_help_text():
    """Each key of each table is described, and may be left out."""
    for name, definition in json_schema()["$defs"].items():
        assert definition["additionalProperties"] is False
        assert definition["required"] == []
        for key, described in definition["properties"].items():
            assert described.get("description"), f"{name}.{key}"
            assert "default" in described, f"{name}.{key}"


def test_defaults():
    """Nothing written gives a configuration that runs, on loopback alone."""
    settings = msgspec.convert({}, Settings)
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8484)
    assert settings == Settings()


def test_words_are_in_the_json_schema():
    """Editors get the allowed words and the form of references."""
    provider = json_schema()["$defs"]["WrittenProvider"]["properties"]
    assert provider["dialect"]["enum"] == ["anthropic", "openai", "openai_chat", "openai_responses", "gemini"]
    assert provider["api_key"]["pattern"]

"""What is known of models, as it is installed and as the configuration states it."""

import msgspec

from headgate.app.model_profiles import installed, profiles_of
from headgate.config.load import load
from headgate.core.model_profile import ProfileChange


def test_the_configuration_changes_what_is_installed(tmp_path):
    """One field of one model; the facts are read once."""
    (tmp_path / "headgate.toml").write_text("", encoding="utf-8")
    configuration = load(str(tmp_path / "headgate.toml"), {"HEADGATE_DISCOVERY_ENVIRONMENT": "false"}, probe=lambda _: None)
    change = ProfileChange(pattern="gpt-4o", fields={"output_tokens_max": 99})
    profiles = profiles_of(msgspec.structs.replace(configuration, model_profiles=(change,)))

    assert profiles.of("openai_chat", "gpt-4o").output_tokens_max == 99
    assert not profiles.of("openai_chat", "gpt-4o").thinks
    assert profiles_of(configuration).of("openai_chat", "gpt-4o").output_tokens_max == 16_384
    assert installed() is installed()

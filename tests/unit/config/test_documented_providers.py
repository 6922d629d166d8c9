"""Every configuration of the page on providers is accepted, and means what the page says."""

from pathlib import Path

import pytest

from headgate.config.discover import key_variables
from headgate.config.load import accepted_of, load, load_without_secrets
from tests.e2e.documented import Block, blocks

PAGE = "docs/providers.md"
QUIET = "[discovery]\nenvironment = false\nollama = false\n"
VARIABLES = ("OPENROUTER_API_KEY", "GROQ_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_CLIENT_SECRET", "ANTHROPIC_FOUNDRY_API_KEY", "DATABRICKS_TOKEN",
             "DATABRICKS_CLIENT_SECRET", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")  # fmt: skip


def printed() -> list[Block]:
    return [each for each in blocks(PAGE) if each.language == "toml"]


def loaded(each: Block, folder: Path):
    (folder / "keys").mkdir()
    (folder / "keys" / "oauth").write_text("s3")
    (folder / "keys" / "oauth").chmod(0o600)
    (folder / "keys" / "vertex.json").write_text("{}")
    (folder / "headgate.toml").write_text(QUIET + each.text)
    return load(str(folder / "headgate.toml"), dict.fromkeys(VARIABLES, "key-0123456789"))


@pytest.mark.parametrize("each", printed(), ids=lambda each: each.name)
def test_each_is_accepted(each, tmp_path):
    """It loads without a problem and without a note, and each of its providers has what it needs."""
    configuration = loaded(each, tmp_path)
    assert configuration.notes == ()
    assert configuration.providers
    for provider in configuration.providers:
        assert provider.has_credential or provider.base_url.startswith("http://127.0.0.1")


@pytest.mark.parametrize("each", printed(), ids=lambda each: each.name)
def test_each_is_read_by_commands(each, tmp_path):
    """A command beside the gateway reads it without any key, file or library."""
    (tmp_path / "headgate.toml").write_text(QUIET + each.text)
    assert load_without_secrets(str(tmp_path / "headgate.toml"), {}).providers


def test_secrets_outlive_their_files(tmp_path):
    """The secret of a sign-in is remembered with the configuration, and its variable is one that children do not get."""
    configuration = loaded(next(each for each in printed() if each.name == "oauth"), tmp_path)
    (tmp_path / "keys" / "oauth").unlink()
    again = load("", {}, accepted=accepted_of(configuration))
    assert again.providers[0].login.secret.reveal() == "s3"
    (tmp_path / "entra").mkdir()
    entra = loaded(next(each for each in printed() if each.name == "entra"), tmp_path / "entra")
    assert "AZURE_CLIENT_SECRET" in key_variables(entra.settings)

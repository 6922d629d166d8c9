"""Every configuration of the page on providers is accepted, and means what the page says."""

from pathlib import Path

import pytest

from headgate.config.load import load
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

"""A lab with an endpoint of every dialect, so that each client finds three that do not speak its own."""

import contextlib
from collections.abc import Generator
from pathlib import Path

from tests.e2e.lab import CLAUDE, GEMINI, Gateway, lab_provider, running
from tests.fakes.provider import Provider

CHAT, RESPONSES = "house-chat", "house-responses"
PROVIDERS = "".join(
    f"""
[[providers]]
name = "lab-{form}"
dialect = "openai_{form}"
base_url = "{{url}}"
api_key = "env:LAB_KEY"

[[endpoints]]
name = "house-{form}"
targets = [{{{{ provider = "lab-{form}", model = "gpt-5.2" }}}}]
"""
    for form in ("chat", "responses")
)
DIALECT_OF = {CLAUDE: "anthropic", RESPONSES: "openai_responses", GEMINI: "gemini", CHAT: "openai_chat"}


@contextlib.contextmanager
def foreign_lab(folder: Path, extra: str = "") -> Generator[tuple[Provider, Gateway]]:
    """A provider of every dialect that takes only what the SDKs would send, and a gateway before it; `extra` is more of its configuration."""
    with lab_provider() as provider:
        provider.expected.translated = True
        with running(folder, provider, extra + PROVIDERS.format(url=provider.openai_url)) as gateway:
            try:
                yield provider, gateway
            finally:
                provider.check()

"""What the log shows of a request that was refused."""

import pytest

from headgate.web.edge import shown_path

TOKEN = "hg_" + "a1" * 24 + "b"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/anthropic/v1/messages", "/anthropic/v1/messages"),
        ("/gemini/v1beta/models/databricks-gemini-2-5-flash:generateContent", "/gemini/v1beta/models/databricks-gemini-2-5-flash:generateContent"),
        ("/openai/v1/models/claude-opus-4-6-20260205", "/openai/v1/models/claude-opus-4-6-20260205"),
        ("/api/2.0/sql/statements/01f0c4d2-7f5a-1f2e-9a3b-0242ac120002", "/api/2.0/sql/statements/01f0c4d2-7f5a-1f2e-9a3b-0242ac120002"),
        (f"/api/2.0/otel/t/{TOKEN}/main.default.agents", "/api/2.0/otel/t/…/main.default.agents"),
        ("/v1/sk-ant-secret/x", "/v1/…/x"),
        ("/x/AIzaSyA1234567890", "/x/…"),
        ("/0123456789abcdef0123456789abcdef", "/…"),
        ("/" + "long-" * 20, "/…"),
        ("/line\nbreak\x1b[31m", "/line\\nbreak\\x1b[31m"),
    ],
)
def test_paths_in_the_log(path: str, shown: str) -> None:
    """Names of models and ids are shown; what may be a secret, and what is longer than any name, is not; nothing breaks the line."""
    assert shown_path(path) == shown


def test_a_path_is_cut() -> None:
    """However many segments it has."""
    assert len(shown_path("/short" * 1000)) == 200

"""Options made from the shape of an object."""

import json

import pytest
import typer
from typer.testing import CliRunner

from headgate.cli.entry_options import read_entry, takes_fields
from headgate.config.objects import KINDS
from headgate.core.errors import BadRequest


def stated_by(word: str, *arguments: str):
    """What options state, as a command is given it."""
    found = {}

    def command(stated: dict, other: str = "") -> None:
        """Note what is stated."""
        found.update(stated, other=other)

    app = typer.Typer()
    app.command()(takes_fields(command, KINDS[word]))
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert not found.pop("other")
    return found


@pytest.mark.parametrize(
    ("word", "arguments", "stated"),
    [
        ("limit", ["--key", "user", "--requests", "5", "--hard"], {"key": "user", "requests": 5, "hard": True}),
        ("limit", ["--no-hard", "--request-tag-key", "team", "--request-tag-value", "7"], {"hard": False, "request_tag_key": "team", "request_tag_value": "7"}),
        ("limit", ["--requests", "many"], {"requests": "many"}),
        ("endpoint", ["--targets", '[{ provider = "lab", traffic_percent = 5 }]'], {"targets": [{"provider": "lab", "traffic_percent": 5}]}),
        ("endpoint", ["--targets", '[{"provider": "lab"}]', "--tags", '{"team": "a"}'], {"targets": [{"provider": "lab"}], "tags": {"team": "a"}}),
        ("endpoint", ["--payload-sampling", "0.5", "--tags", '1\nname = "x"'], {"payload_sampling": 0.5, "tags": '1\nname = "x"'}),
    ],
)  # fmt: skip
def test_options_state_fields(word, arguments, stated):
    """Numbers, lists and tables as TOML or JSON; what is neither is left for the check of the entry. What is not stated is not there."""
    assert stated_by(word, *arguments) == stated


@pytest.mark.parametrize(
    "text", ['key = "agent"\nrequests = 5', '[[limits]]\nkey = "agent"\nrequests = 5', json.dumps({"key": "agent", "requests": 5})]
)
def test_an_entry_is_toml_or_json(text):
    """Alone, or below the heading that it has in the file."""
    assert read_entry(text, KINDS["limit"]) == {"key": "agent", "requests": 5}


@pytest.mark.parametrize("text", ["{", "key = ", '{"key": }', "[" * 5_000])
def test_what_is_neither_is_refused(text):
    """With the place, as far as it is known."""
    with pytest.raises(BadRequest, match="neither TOML nor JSON"):
        read_entry(text, KINDS["limit"])

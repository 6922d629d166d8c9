"""The command that sends a request again."""

import shlex

import pytest

from headgate.web.ui.curl_command import curl_command


def test_the_command_names_no_secret():
    """The token is a variable of the shell, the body a file."""
    text = curl_command({"url": "/anthropic/v1/messages", "dialect": "anthropic", "token_id": "tok_1"}, "http://h:1/")
    words = shlex.split(text.replace("\\\n", " "))
    assert words[:2] == ["curl", "http://h:1/anthropic/v1/messages"]
    assert "authorization: Bearer $HEADGATE_TOKEN" in words
    assert "anthropic-version: 2023-06-01" in words
    assert words[-2:] == ["--data", "@request.json"]
    assert "tok_1" not in text


@pytest.mark.parametrize("path", ["/v1/'; rm -rf $(x) #", "/v1/\u2028`id`\n-o/etc/x", None])
def test_a_hostile_path_stays_one_word(path):
    """Whatever the client's path was."""
    words = shlex.split(curl_command({"url": path}, "http://h:1").replace("\\\n", " "))
    assert words[0] == "curl"
    assert words[2] == "-H"
    assert not set(words[1]) & set("`$(;\n\u2028 '")

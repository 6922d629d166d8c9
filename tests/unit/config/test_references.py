"""Secrets by reference."""

import pytest

from headgate.config.references import BadReference, resolve_secret


def refused(reference, environ, directory) -> str:
    with pytest.raises(BadReference) as caught:
        resolve_secret(reference, environ, directory)
    return str(caught.value)


def test_environment(tmp_path):
    """`env:` takes a variable, without the line break that some tools leave in it."""
    assert resolve_secret("env:KEY", {"KEY": "sk-1\n"}, tmp_path).reveal() == "sk-1"
    assert refused("env:KEY", {}, tmp_path) == "environment variable KEY is not set"
    assert refused("env:KEY", {"KEY": ""}, tmp_path) == "environment variable KEY is set but empty"
    assert "needs the name" in refused("env:", {}, tmp_path)


def test_file(tmp_path):
    """`file:` takes a file beside the configuration that others cannot read."""
    (tmp_path / "key").write_text("sk-2\n")
    (tmp_path / "key").chmod(0o600)
    assert resolve_secret("file:key", {}, tmp_path).reveal() == "sk-2"
    assert resolve_secret(f"file:{tmp_path / 'key'}", {}, tmp_path / "elsewhere").reveal() == "sk-2"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o606, 0o666])
def test_open_file(tmp_path, mode):
    """A file that every user can read is refused, with the command that mends it."""
    (tmp_path / "key").write_text("sk-2")
    (tmp_path / "key").chmod(mode)
    assert f"chmod 600 {tmp_path / 'key'}" in refused("file:key", {}, tmp_path)


@pytest.mark.parametrize(("content", "reason"), [(b"", "is empty"), (b" \n", "is empty"), (b"\xff", "is not text"), (b"x" * 20_000, "is larger")])
def test_bad_files(tmp_path, content, reason):
    """A file that holds no key is refused."""
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    assert reason in refused("file:key", {}, tmp_path)


def test_missing_file(tmp_path):
    """A missing file is named."""
    assert refused("file:nowhere", {}, tmp_path) == f"cannot read {tmp_path}/nowhere: No such file or directory"


@pytest.mark.parametrize("literal", ["sk-ant-api03-canary", "canary", "ENV:canary", "cmd:canary", ":canary"])
def test_literal_secrets(tmp_path, literal):
    """A literal secret is refused and not repeated."""
    message = refused(literal, {}, tmp_path)
    assert "env:NAME" in message
    assert "canary" not in message


@pytest.mark.parametrize("value", ["a b", "a\nb", "sk-é", "a\x00b"])
def test_values_no_header_can_carry(tmp_path, value):
    """A value that would break a header is refused and not repeated."""
    message = refused("env:KEY", {"KEY": value}, tmp_path)
    assert "no HTTP header can carry" in message
    assert value not in message

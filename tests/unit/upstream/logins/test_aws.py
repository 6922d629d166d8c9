"""AWS's keys: of the environment without a library, and from a profile with it."""

import pytest

from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.upstream.logins.aws import AwsSource
from headgate.upstream.logins.credential import LoginFailed


async def test_keys_of_the_environment():
    """They are used as they are."""
    held = await AwsSource(PlatformLogin("aws", client_id="AKIDEXAMPLE", secret=Secret("shh"), session_token=Secret("t"))).fetch()
    assert (held.key_id, held.secret.reveal(), held.sent) == ("AKIDEXAMPLE", "shh", b"t")


async def test_a_profile(tmp_path, monkeypatch):
    """AWS's own files are read by AWS's own library."""
    (tmp_path / "credentials").write_text("[prod]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = shh\naws_session_token = t\n")
    (tmp_path / "config").write_text("")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    source = AwsSource(PlatformLogin("aws", profile="prod"))
    held = await source.fetch()
    assert (held.key_id, held.secret.reveal(), held.sent) == ("AKIDEXAMPLE", "shh", b"t")
    assert (await source.fetch()).key_id == "AKIDEXAMPLE"
    with pytest.raises(LoginFailed, match="ProfileNotFound"):
        await AwsSource(PlatformLogin("aws", profile="none")).fetch()


async def test_nothing_is_found(tmp_path, monkeypatch):
    """A machine without any keys says so."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(LoginFailed, match="have no keys"):
        await AwsSource(PlatformLogin("aws")).fetch()

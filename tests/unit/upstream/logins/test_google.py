"""Google's tokens: of a service account's file, and of the machine."""

import base64
import json
import time
from urllib.parse import parse_qs

import pytest

from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.upstream.logins.credential import LoginFailed
from headgate.upstream.logins.google import GoogleSource, GoogleTransport
from headgate.upstream.settings import UpstreamSettings
from tests.fakes.clouds import Clouds, serving
from tests.fakes.google_account import write_service_account


@pytest.fixture
def clouds():
    with serving() as ready:
        yield ready


@pytest.fixture
def account(clouds: Clouds, tmp_path) -> GoogleSource:
    write_service_account(tmp_path / "sa.json", f"{clouds.url}/token")
    return GoogleSource(PlatformLogin("google", file=str(tmp_path / "sa.json")), UpstreamSettings())


async def test_a_service_account(clouds, account):
    """It signs what it asks for; the token ends when Google says."""
    clouds.answer("/token", {"access_token": "ya29.token", "expires_in": 3600, "token_type": "Bearer"})
    held = await account.fetch()
    (assertion,) = parse_qs(clouds.last("/token").body.decode())["assertion"]
    claims = json.loads(base64.urlsafe_b64decode(assertion.split(".")[1] + "=="))
    assert (claims["iss"], claims["scope"]) == ("headgate@acme.iam.gserviceaccount.com", "https://www.googleapis.com/auth/cloud-platform")
    assert held.sent == b"ya29.token"
    assert 3000 < held.ends_at_s - time.time() < 3700


async def test_a_refusal(clouds, account):
    """It is a failure with Google's own reason."""
    clouds.answer("/token", {"error": "invalid_grant", "error_description": "Invalid JWT"}, status=400)
    with pytest.raises(LoginFailed, match="invalid_grant"):
        await account.fetch()


@pytest.mark.parametrize("content", ["{", "{}", '{"type":"service_account"}'])
async def test_a_file_that_is_none(tmp_path, content):
    """It is a failure in words."""
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(LoginFailed, match="Google gave no token"):
        await GoogleSource(PlatformLogin("google", file=str(tmp_path / "x.json")), UpstreamSettings()).fetch()


async def test_the_machine(clouds, monkeypatch, tmp_path):
    """Without a file the metadata server is asked, directly."""
    host = clouds.url.removeprefix("http://")
    for name, value in (("GCE_METADATA_HOST", host), ("GCE_METADATA_IP", host), ("CLOUDSDK_CONFIG", str(tmp_path)), ("HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    clouds.answer("/", b"", headers={"metadata-flavor": "Google"})
    clouds.answer("/computeMetadata/v1/project/project-id", b"acme", "text/plain", headers={"metadata-flavor": "Google"})
    account = {"email": "a@acme.iam.gserviceaccount.com", "scopes": ["x"]}
    clouds.answer("/service-accounts/default/", account, headers={"metadata-flavor": "Google"})
    clouds.answer("/token", {"access_token": "ya29.machine", "expires_in": 600, "token_type": "Bearer"}, headers={"metadata-flavor": "Google"})
    settings = UpstreamSettings(proxy_url=Secret("http://127.0.0.1:1"))
    held = await GoogleSource(PlatformLogin("google"), settings).fetch()
    assert held.sent == b"ya29.machine"
    assert clouds.last("/token").headers["metadata-flavor"] == "Google"


def test_no_answer():
    """A host that cannot be reached is the library's own error."""
    from google.auth.exceptions import TransportError

    with pytest.raises(TransportError):
        GoogleTransport(UpstreamSettings())("http://127.0.0.1:1/")

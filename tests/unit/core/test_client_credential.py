"""A client's own credential goes to its issuer's host alone."""

import base64
import json

import pytest

from headgate.core.client_credential import ISSUER_HOSTS, ClientCredential, issuer_at
from headgate.core.secret import Secret

OAUTH = "sk-ant-oat01-abcdefghijklmnop"


def jwt(issuer: object) -> str:
    """A web token that says who issued it."""
    parts = (json.dumps({"alg": "RS256"}), json.dumps({"iss": issuer}), "signature")
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


CHATGPT = jwt("https://auth.openai.com")


def own(secret: str, header: bytes = b"authorization") -> ClientCredential:
    return ClientCredential(header, Secret(secret))


@pytest.mark.parametrize(
    ("secret", "host"),
    [
        (OAUTH, "api.anthropic.com"), ("sk-ant-api03-abc", "api.anthropic.com"), (CHATGPT, "chatgpt.com"), ("sk-proj-a_b-c", "api.openai.com"),
        ("sk-" + "a" * 48, "api.openai.com"), ("ya29.a0abc", "generativelanguage.googleapis.com"), ("AIzaSyabc", "generativelanguage.googleapis.com"),
        ("hg_abc", ""), ("sk-or-v1-abc", ""), ("ghp_abc", ""), (jwt("https://sso.example"), ""), (jwt(["https://auth.openai.com"]), ""), ("eyJa.!.c", ""),
        ("eyJhIjoxfQ.eyJhIjoxfQ", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_credential_has_one_issuer(secret: str, host: str) -> None:
    """By its form it is for one host of all, or for none."""
    assert [each for each in ISSUER_HOSTS if own(secret).is_for(f"https://{each}")] == ([host] if host else [])


@pytest.mark.parametrize(
    "url",
    ["http://api.anthropic.com", "https://api.anthropic.com:8443", "https://api.anthropic.com.evil.example", "https://evil.example/api.anthropic.com",
     "https://user@api.anthropic.com", "https://api.anthropic.com@evil.example", "https://eu.api.anthropic.com", "https://API.anthropic.com.", "https://", "",
     "https://anthropic.com"],
)  # fmt: skip
def test_only_the_whole_host_over_https_is_the_issuer(url: str) -> None:
    """Another scheme, port or name is another address, however alike."""
    assert issuer_at(url) is None
    assert not own(OAUTH).is_for(url)
    with pytest.raises(ValueError, match="issuer alone"):
        own(OAUTH).headers_to(url, [])


def test_the_address_may_have_a_path_and_the_ordinary_port() -> None:
    """ChatGPT's has a path."""
    assert own(CHATGPT).is_for("https://chatgpt.com/backend-api/codex")
    assert own(OAUTH).is_for("https://api.anthropic.com:443")


def test_it_goes_in_the_header_that_it_came_in_with_its_account() -> None:
    """Headers that choose an account of another issuer stay behind."""
    sent = [(b"chatgpt-account-id", b"acc"), (b"openai-organization", b"org"), (b"x-other", b"1")]

    assert own(CHATGPT).headers_to("https://chatgpt.com/backend-api/codex", sent) == [
        (b"chatgpt-account-id", b"acc"),
        (b"authorization", b"Bearer " + CHATGPT.encode()),
    ]
    assert own("sk-ant-api03-abc", b"x-api-key").headers_to("https://api.anthropic.com", sent) == [(b"x-api-key", b"sk-ant-api03-abc")]


def test_it_is_never_printed() -> None:
    """Its text does not show it."""
    assert OAUTH not in repr(own(OAUTH))

"""How a command asks a gateway, and how it words what comes back."""

import pytest

from headgate.cli.gateway import RemoteGateway
from headgate.core.errors import Forbidden, GatewayError, NotFound, Unauthenticated, Unavailable
from headgate.core.secret import Secret
from tests.unit.cli.answering import ME, answering


def gateway(url, *, signed_in=False):
    """A gateway at this address."""
    return RemoteGateway(url=url, token=Secret("hg_secret"), signed_in=signed_in)


def test_it_gets_json_with_the_token():
    """A path in the address stays in front."""
    with answering({"/gate/api/x": {"a": 1}}) as (url, asked):
        assert gateway(f"{url}/gate").get("/api/x") == {"a": 1}
    assert asked[0]["authorization"] == "Bearer hg_secret"
    assert "content-type" not in asked[0]


def test_it_sends_json():
    """As the body, with its media type."""
    with answering({"POST /api/x": {}}) as (url, asked):
        assert gateway(url).ask("POST", "/api/x", {"name": "ü"}) == {}
    assert (asked[0]["method"], asked[0]["body"], asked[0]["content-type"]) == ("POST", {"name": "ü"}, "application/json")


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, Unauthenticated, "does not accept your token: No. Check HEADGATE_TOKEN."),
        (403, Forbidden, "does not allow this: No."),
        (404, NotFound, "No."),
        (429, GatewayError, "refused with status 429: No."),
        (503, GatewayError, "refused with status 503: No."),
    ],
)
def test_a_refusal_is_in_the_gateways_words(status, kind, words):
    """With what to do; the token is in no message."""
    with answering({"/api/x": {"message": "No."}}, status) as (url, _), pytest.raises(kind) as refused:
        gateway(url).get("/api/x")
    assert words in refused.value.message
    assert refused.value.status == status
    assert "hg_secret" not in refused.value.message


def test_a_refused_login_says_how_to_sign_in_again():
    """With the address to type."""
    with (
        answering({"/api/x": {"message": "Revoked."}}, 401) as (url, _),
        pytest.raises(Unauthenticated, match=f"Revoked. Sign in again: `headgate login {url}`"),
    ):
        gateway(url, signed_in=True).get("/api/x")


def test_what_is_no_gateway():
    """Another server; and one that redirects, which gets no token at its second address."""
    with answering({"/api/x": b"<html>"}) as (url, _), pytest.raises(Unavailable, match="is not Headgate: status 200"):
        gateway(url).get("/api/x")
    with (
        answering({"/api/x": "https://gate.example/api/x"}, 301) as (url, asked),
        pytest.raises(Unavailable, match=r"redirects to https://gate.example"),
    ):
        gateway(url).get("/api/x")
    assert len(asked) == 1


def test_the_token_is_not_shown():
    """Not even where a gateway is printed."""
    assert "hg_secret" not in repr(gateway("http://127.0.0.1:1"))


def test_an_older_gateway():
    """Says less of the caller than commands need."""
    with answering({"/api/2.0/headgate/me": ME}) as (url, _):
        assert gateway(url).me() == ME
    for said in ({"principal": {}, "budgets": []}, []):
        with answering({"/api/2.0/headgate/me": said}) as (url, _), pytest.raises(Unavailable, match="is an older Headgate"):
            gateway(url).me()

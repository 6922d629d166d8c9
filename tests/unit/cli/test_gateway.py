"""How a command asks a running gateway."""

import pytest

from headgate.cli.gateway import ask_gateway
from headgate.core.errors import BadRequest, GatewayError, Unauthenticated, Unavailable
from tests.unit.cli.answering import answering

TOKEN = {"HEADGATE_TOKEN": "hg_secret"}


def test_it_gets_json_with_the_token():
    """A path in the address stays in front."""
    with answering({"/gate/api/x": {"a": 1}}) as (url, asked):
        assert ask_gateway("/api/x", TOKEN | {"HEADGATE_URL": f"{url}/gate/"}) == {"a": 1}
    assert asked[0]["authorization"] == "Bearer hg_secret"


def test_a_refusal_is_in_the_gateways_words():
    """With its status."""
    answers = {"/api/x": {"error_code": "PERMISSION_DENIED", "message": "This needs a token with the scope `admin`."}}
    with answering(answers, 403) as (url, _), pytest.raises(GatewayError, match="refused with status 403: This needs a token") as refused:
        ask_gateway("/api/x", TOKEN | {"HEADGATE_URL": url})
    assert refused.value.status == 403


def test_what_is_no_gateway():
    """Another server, no server, no address, no token; the token is never in the message."""
    with answering({"/api/x": b"<html>"}) as (url, _), pytest.raises(Unavailable, match="is no Headgate: status 200"):
        ask_gateway("/api/x", TOKEN | {"HEADGATE_URL": url})
    with pytest.raises(Unavailable, match=r"No gateway answers at http://127.0.0.1:1 .* Is `headgate up` running"):
        ask_gateway("/api/x", TOKEN | {"HEADGATE_URL": "http://127.0.0.1:1"})
    with pytest.raises(BadRequest, match="it should be like https"):
        ask_gateway("/api/x", TOKEN | {"HEADGATE_URL": "gate.example"})
    with pytest.raises(Unauthenticated, match="set HEADGATE_TOKEN"):
        ask_gateway("/api/x", {})


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_without_an_address_it_asks_the_gateway_of_this_machine(tmp_path, host, shown):
    """Where the configuration lets it listen."""
    file = tmp_path / "headgate.toml"
    file.write_text(f'[server]\nhost = "{host}"\nport = 1\n', encoding="utf-8")
    with pytest.raises(Unavailable) as error:
        ask_gateway("/api/x", TOKEN | {"HEADGATE_CONFIG": str(file)})
    assert f"No gateway answers at http://{shown}:1 " in error.value.message

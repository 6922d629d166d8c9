"""Requests that are right and unusual, or nearly right, through the whole front: names in paths, empty credentials, coded bodies, wrong addresses."""

import gzip
import http.client
import json
import socket
import zlib

import pytest
import zstandard

from headgate.policy.authenticate import compose_token
from tests.e2e.lab import running

BODY = {
    "/anthropic/v1/messages": b'{"model":"claude-opus-4-6","max_tokens":9,"messages":[{"role":"user","content":"hello"}]}',
    "/openai/v1/responses": b'{"model":"gpt-5.2","input":"hello"}',
    "/openai/v1/chat/completions": b'{"model":"gpt-5.2","messages":[{"role":"user","content":"hello"}]}',
    "/gemini/v1beta/models/gemini-2.5-flash:generateContent": b'{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}',
}
PACKED = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.ZstdCompressor().compress, "Identity": bytes}
NOWHERE = """
[[providers]]
name = "nowhere-gemini"
dialect = "gemini"
base_url = "http://127.0.0.1:9"

[[providers]]
name = "nowhere-openai"
dialect = "openai"
base_url = "http://127.0.0.1:9/v1"

[[endpoints]]
name = "vendor/flash:8b"
targets = [{ provider = "nowhere-gemini", model = "gemini-2.5-flash" }]

[[endpoints]]
name = "vendor/model-7b"
targets = [{ provider = "nowhere-openai", model = "gpt-5.2" }]
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A demo gateway."""
    with running(tmp_path_factory.mktemp("odd"), None, arguments=("--demo",)) as started:
        yield started


@pytest.fixture(scope="module")
def slashed(tmp_path_factory):
    """A gateway with two endpoints whose names have a slash, and whose providers nobody answers for."""
    with running(tmp_path_factory.mktemp("slashed"), None, NOWHERE) as started:
        yield started


def ask(gateway, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    """One request, with a good token unless the headers have another."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    named = {"x-api-key": gateway.token, "content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, named)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("path", BODY)
def test_coded_bodies(gateway, path, coding):
    """In every format a packed body is a body."""
    status, text = ask(gateway, "POST", path, PACKED[coding](BODY[path]), content_encoding=coding)
    assert status == 200, text


@pytest.mark.parametrize("path", BODY)
def test_a_bomb_is_413(gateway, path):
    """300 MB in a few hundred KB of gzip, in a few KB of zstd."""
    for coding in ("gzip", "zstd"):
        status, text = ask(gateway, "POST", path, PACKED[coding](bytes(300 << 20)), content_encoding=coding)
        assert status == 413
        assert "when it is unpacked" in text


@pytest.mark.parametrize("name", ["vendor/model-7b", "vendor%2Fmodel-7b", "vendor%2fmodel-7b"])
@pytest.mark.parametrize("mount", ["/openai/v1", "/codex/v1", "/mlflow/v1", "/cursor/v1", "/ai-gateway/openai/v1"])
def test_a_listed_model_is_found_by_its_path(slashed, mount, name):
    """With its slash as it is or escaped."""
    status, text = ask(slashed, "GET", f"{mount}/models/{name}")
    assert (status, json.loads(text)["id"]) == (200, "vendor/model-7b")


@pytest.mark.parametrize("name", ["vendor/flash:8b", "vendor%2Fflash:8b"])
def test_a_gemini_endpoint_with_a_slash_is_asked(slashed, name):
    """It is found and its provider is tried, which here nobody answers for."""
    status, text = ask(slashed, "POST", f"/gemini/v1beta/models/{name}:generateContent", b'{"contents":[]}')
    assert status == 502, text


@pytest.mark.parametrize("name", ["vendor%2F..%2Fmodel-7b", "vendor/../model-7b", "vendor//model-7b", "%2Fvendor", "vendor%252Fmodel-7b"])
def test_no_path_climbs(slashed, name):
    """A name is a name, and never another path."""
    assert ask(slashed, "GET", f"/openai/v1/models/{name}")[0] == 400


@pytest.mark.parametrize("empty", [{"authorization": "Bearer "}, {"authorization": ""}, {"x_goog_api_key": ""}, {"api_key": ""}])
@pytest.mark.parametrize("path", ["/openai/v1/models", "/api/2.0/preview/scim/v2/Me", "/gemini/v1beta/models?key="])
def test_an_empty_credential_beside_a_good_one(gateway, path, empty):
    """It is an absent one, at every door."""
    assert ask(gateway, "GET", path, **empty)[0] == 200


def test_a_wrong_address(gateway):
    """The user of the agent reads which one is right."""
    status, text = ask(gateway, "POST", "/anthropic/v1/v1/messages", BODY["/anthropic/v1/messages"])
    assert (status, f"ANTHROPIC_BASE_URL={gateway.url}/anthropic." in text) == (400, True)
    assert ask(gateway, "POST", "/openai/v1/analytics/codex/turn-costs", b'{"turn_ids":[]}') == (204, "")
    assert "turn-costs" not in gateway.log


@pytest.mark.parametrize("credential", ["", f"x-api-key: {compose_token(bytes(32))}\r\n"], ids=["none", "unknown"])
def test_a_strangers_body_is_not_asked_for(gateway, credential):
    """Who may not ask gets its refusal in place of 100 Continue, and the connection ends: no body is read for it."""
    elsewhere = ("127.0.0.2", 0)  # guesses are counted by address, and other tests count them
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20, source_address=elsewhere) as stranger:
        head = f"POST /anthropic/v1/messages HTTP/1.1\r\nhost: x\r\n{credential}content-type: application/json\r\n"
        stranger.sendall(f"{head}content-length: 1000\r\nexpect: 100-continue\r\n\r\n".encode())
        answer = b"".join(iter(lambda: stranger.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_guesses(gateway):
    """Unknown tokens of one address are 429 after some, with the time to wait; the token that works goes on from there.

    The last test here: after it strangers of this address are refused.
    """
    statuses = [ask(gateway, "GET", "/openai/v1/models", x_api_key=f"hg_{number}")[0] for number in range(32)]
    assert statuses in ([401] * 30 + [429] * 2, [401] * 29 + [429] * 3)  # the test above may have guessed once
    assert ask(gateway, "GET", "/api/2.0/preview/scim/v2/Me", x_api_key="hg_x")[0] == 429
    assert ask(gateway, "POST", "/api/2.0/otel/v1/logs", b"{}", x_api_key="hg_x")[0] == 429
    assert ask(gateway, "GET", "/openai/v1/models")[0] == 200

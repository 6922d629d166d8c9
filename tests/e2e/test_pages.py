"""The pages as a browser meets them: signed out, in by a one-time link, and what the start page then shows."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from tests.e2e.lab import headgate, running


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("pages"), None, arguments=("--demo",)) as gateway:
        yield gateway


def get(demo, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=10)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def link(demo) -> str:
    made = json.loads(headgate("token", "sign-in", "--json", "--url", demo.url, "--data", demo.data))
    assert made["url"].startswith(f"{demo.url}/login?t=")
    parts = urlsplit(made["url"])
    return f"{parts.path}?{parts.query}"


def test_a_stranger_learns_how_to_sign_in(demo):
    """Without a session there is the sign-in page and nothing else."""
    status, headers, body = get(demo, "/")
    assert status == 401
    assert "headgate token sign-in" in body
    assert "claude" not in body
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


def test_sign_in(demo):
    """A link signs in once; the start page shows the endpoints, and the address by which the browser came."""
    path = link(demo)
    status, headers, _ = get(demo, path)
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    session = cookie.partition(";")[0]
    status, headers, body = get(demo, "/", cookie=session)
    assert status == 200
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "claude-opus-4-6" in body
    assert f"{demo.url}/anthropic" in body
    _, _, body = get(demo, "/", cookie=session, Host="gate.example", X_Forwarded_Proto="https")
    assert "https://gate.example/anthropic" in body
    assert "https://gate.example/cursor/v1" in body
    _, _, body = get(demo, "/", cookie=session, Host="gate.example", X_Forwarded_Proto='"><script>')
    assert "<script" not in body
    status, headers, body = get(demo, path)
    assert status == 401
    assert "was used before" in body
    assert "set-cookie" not in headers


def test_a_session_cannot_be_made_up(demo):
    """A cookie that Headgate did not sign signs nobody in."""
    assert get(demo, "/", cookie="headgate_session=usr_x.9999999999.AAAA")[0] == 401


@pytest.mark.parametrize(("path", "kind"), [("/static/page.css", "text/css"), ("/static/icon.svg", "image/svg+xml")])
def test_static_files(demo, path, kind):
    """What the pages refer to is served, and is taken for nothing else than it is."""
    status, headers, _ = get(demo, path)
    assert status == 200
    assert headers["content-type"].startswith(kind)
    assert headers["x-content-type-options"] == "nosniff"
    assert get(demo, "/static/../pages.py")[0] == 400
    assert get(demo, "/static/nothing.css")[0] == 404

"""The pages as a browser meets them: signed out, in by a one-time link, and what the start page then shows."""

import http.client
import json
import os
import re
import signal
from urllib.parse import urlsplit

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.lab import headgate, running
from tests.fakes.front import wait_until


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("pages"), None, arguments=("--demo",)) as gateway:
        yield gateway


def ask(demo, method: str, path: str, form: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=10)
    connection.request(method, path, form or None, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def get(demo, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    return ask(demo, "GET", path, **headers)


def link(demo) -> str:
    """The path of a fresh one-time link."""
    made = json.loads(headgate("token", "sign-in", "--json", "--url", demo.url, "--data", demo.data))
    assert made["url"].startswith(f"{demo.url}/login?t=")
    parts = urlsplit(made["url"])
    return f"{parts.path}?{parts.query}"


def sign_in(demo, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Press the button of a link."""
    return ask(demo, "POST", "/login", path.partition("?")[2], **headers)


def form_token(demo, session: str) -> str:
    """The text that the forms of a session have."""
    return re.findall(r'name="form_token" value="([0-9a-f]+)"', get(demo, "/connect", cookie=session)[2])[0]


def sign_out(demo, session: str) -> int:
    """Press the button that signs out."""
    return ask(demo, "POST", "/logout", f"form_token={form_token(demo, session)}", cookie=session)[0]


def home(demo, session: str) -> int:
    """The status of a page that every principal may open."""
    return get(demo, "/connect", cookie=session)[0]


def test_without_a_session_there_is_the_way_in(demo):
    """Without a session there is the sign-in page and nothing else."""
    status, headers, body = get(demo, "/")
    assert status == 401
    assert "headgate token sign-in" in body
    assert "claude" not in body
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


def test_sign_in(demo):
    """A link signs in once, by its button; the start page shows the endpoints, and the address by which the browser came."""
    path = link(demo)
    status, headers, body = get(demo, path)
    assert (status, "set-cookie" in headers) == (200, False)
    assert '<form method="post" action="/login">' in body
    assert ask(demo, "HEAD", path)[0] == 200
    status, headers, _ = sign_in(demo, path)
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    session = cookie.partition(";")[0]
    status, headers, body = get(demo, "/connect", cookie=session)
    assert status == 200
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "claude-opus-4-6" in get(demo, "/endpoints", cookie=session)[2]
    assert f"{demo.url}/anthropic" in body
    status, headers, body = sign_in(demo, path)
    assert status == 401
    assert "was used before" in body
    assert "set-cookie" not in headers


def test_only_a_proxy_of_ours_says_where_the_browser_is(demo):
    """A stranger's forwarding headers change nothing."""
    session = sign_in(demo, link(demo))[1]["set-cookie"].partition(";")[0]
    _, _, body = get(demo, "/connect", cookie=session, Host="gate.example", X_Forwarded_Proto="https")
    assert "http://gate.example/anthropic" in body
    assert "https://gate.example" not in body
    _, _, body = get(demo, "/connect", cookie=session, Host="gate.example", X_Forwarded_Proto='"><script>')
    assert "<script>" not in body


def test_a_session_ends_with_its_token(demo):
    """Revoked, the token takes the session with it within two seconds, although its owner has another one; a sign-out ends it at once."""
    made = json.loads(headgate("token", "create", "desk", "--user", "eve@example.com", "--admin", "--json", "--data", demo.data))
    headgate("token", "create", "second", "--user", "eve@example.com", "--data", demo.data)
    path = urlsplit(headgate("token", "sign-in", "--user", "eve@example.com", "--url", demo.url, "--data", demo.data).strip()).query
    session = sign_in(demo, f"?{path}")[1]["set-cookie"].partition(";")[0]
    assert home(demo, session) == 200
    headgate("token", "revoke", made["token_id"], "--data", demo.data)
    wait_until(lambda: home(demo, session) == 401)
    session = sign_in(demo, link(demo))[1]["set-cookie"].partition(";")[0]
    assert home(demo, session) == 200
    assert sign_out(demo, session) == 303
    assert home(demo, session) == 401


def test_a_sign_out_outlives_the_process(demo):
    """A copy of the cookie is worth nothing in the serving process that follows; other sessions go on there."""
    copied, other = (sign_in(demo, link(demo))[1]["set-cookie"].partition(";")[0] for _ in range(2))
    assert sign_out(demo, copied) == 303
    pid = demo.serving_pid()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: demo.is_ready() and demo.serving_pid() != pid)
    assert (home(demo, copied), home(demo, other)) == (401, 200)


def test_behind_a_trusted_proxy(tmp_path):
    """Its headers name the client: the pages and cookies are those of TLS, and the usage row has the client's address."""
    settings = '[server]\ntrusted_proxies = ["127.0.0.1"]\n'
    with running(tmp_path, None, settings, arguments=("--demo",)) as gateway:
        proxied = {"Host": "gate.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.9, 192.0.2.7"}
        cookie = sign_in(gateway, link(gateway), **proxied)[1]["set-cookie"]
        assert cookie.startswith("__Host-headgate_session=")
        assert cookie.endswith("; Secure")
        _, _, body = get(gateway, "/connect?agent=cursor", cookie=cookie.partition(";")[0], **proxied)
        assert "https://gate.example/cursor/v1" in body
        for stream in (False, True):
            with Asking(gateway.url, gateway.token, ANTHROPIC.path(stream=stream), ANTHROPIC.body(stream=stream), proxied) as asking:
                assert asking.status == 200
                asking.rest()
        assert [row["ip_address"] for row in gateway.rows(2)] == ["192.0.2.7"] * 2


def test_a_session_cannot_be_made_up(demo):
    """A cookie that Headgate did not sign signs nobody in."""
    assert home(demo, "headgate_session=usr_x.9999999999.AAAA") == 401


def test_a_member_signs_in_with_a_token(demo):
    """The session opens what a member may open; pages of everyone's usage and of administration say what is missing."""
    made = json.loads(headgate("token", "create", "own", "--user", "mem@example.com", "--json", "--data", demo.data))
    wait_until(lambda: ask(demo, "POST", "/login", f"token={made['token']}")[0] == 303)
    session = ask(demo, "POST", "/login", f"token={made['token']}&next=/connect")[1]["set-cookie"].partition(";")[0]
    assert home(demo, session) == 200
    status, _, body = get(demo, "/endpoints", cookie=session, accept="text/html")
    assert (status, "for administrators" in body) == (403, True)
    assert ask(demo, "POST", "/login", "token=hg_wrong")[0] == 401


@pytest.mark.parametrize(("name", "kind"), [("app.css", "text/css"), ("icon.svg", "image/svg+xml"), ("frame.js", "text/javascript")])
def test_static_files(demo, name, kind):
    """What the pages refer to is served, and is taken for nothing else than it is."""
    version = re.findall(r"/static/([0-9a-f]+)/app.css", get(demo, "/login")[2])[0]
    status, headers, _ = get(demo, f"/static/{version}/{name}")
    assert status == 200
    assert headers["content-type"].startswith(kind)
    assert headers["x-content-type-options"] == "nosniff"
    assert "immutable" in headers["cache-control"]
    assert get(demo, f"/static/{version}/../pages.py")[0] == 400
    assert get(demo, f"/static/{version}/nothing.css")[0] == 404

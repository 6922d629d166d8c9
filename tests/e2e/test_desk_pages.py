"""The administrator's pages over a running gateway, in a real browser. Needs Chromium, and is skipped without."""

import http.client
import json

import anthropic
import pytest

from tests.e2e.browsing import needs_chromium
from tests.e2e.chromium import browsing
from tests.e2e.exporters import PATHS, Exporters, name_of
from tests.e2e.lab import CLAUDE, KEY, free_port, headgate, running, until
from tests.fakes.exports import logs
from tests.fakes.provider import Provider
from tests.fakes.turns import Turn, refuse, say

pytestmark = needs_chromium

_MORE = """
[[providers]]
name = "wrong-key"
dialect = "anthropic"
base_url = "{url}"
api_key = "file:{key}"
models = ["claude-opus-4-6"]

[[providers]]
name = "down"
dialect = "anthropic"
base_url = "http://127.0.0.1:{port}"
api_key = "env:LAB_KEY"
models = ["claude-opus-4-6"]
"""
_STATUS_NOTE = "Failed to load resource: the server responded with a status of "  # the browser's own, on a form that is refused
_WRONG = "sk-wrong-0123456789"


def _answer(entry) -> Turn:
    """What a provider that looks at the key answers."""
    if KEY in entry.credentials.get("x-api-key", entry.credentials.get("authorization", "")):
        return say("ok")
    return refuse(401, "invalid x-api-key")


@pytest.fixture(scope="module")
def provider():
    """A scripted provider that refuses every key but its own."""
    with Provider() as started:
        started.answer = _answer
        yield started


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider):
    """A gateway before providers that are well, refuse the key, and do not answer."""
    folder = tmp_path_factory.mktemp("desk")
    key = folder / "wrong.key"
    key.write_text(_WRONG, encoding="utf-8")
    key.chmod(0o600)
    with running(folder, provider, _MORE.format(url=provider.url, key=key, port=free_port())) as started:
        yield started


@pytest.fixture(scope="module")
def browser(gateway):
    """A browser that an administrator has signed in with. No page may break its own content security policy."""
    with browsing() as started:
        started.open(headgate("token", "sign-in", "--url", gateway.url, "--data", gateway.data).strip())
        started.press("Sign in")
        yield started
        assert [text for text in started.logged if not text.startswith(_STATUS_NOTE)] == []


def answer_of(browser, name: str) -> str:
    """What the page says after a press of a provider's button."""
    browser.click(f"#provider-{name} button.main")
    return browser.value(f"document.querySelector('#provider-{name} [role=status]').innerText")


def test_a_provider_is_tested(gateway, browser):
    """One that is well, one that refuses the key, one that is down: each in words, and as an event in the audit table."""
    browser.open(f"{gateway.url}/providers")
    assert "The test went well (200). It answered with the model claude-opus-4-6." in answer_of(browser, "lab-anthropic")
    assert "It refuses Headgate’s key (401). invalid x-api-key" in answer_of(browser, "wrong-key")
    assert "The test failed. Provider down cannot be reached: connection refused" in answer_of(browser, "down")
    assert "key refused" in browser.value("document.querySelector('#provider-wrong-key h2').innerText")
    assert _WRONG not in browser.value("document.documentElement.outerHTML")
    events = json.loads(headgate("audit", "list", "--action", "testProvider", "--json", "--data", gateway.data))
    assert len(events) == 3


def fill(browser, **fields: str) -> None:
    """Write into the first field of each name."""
    for name, value in fields.items():
        assert browser.value(f"Boolean(document.querySelector('[name={name}]').value = {json.dumps(value)})"), name


def test_an_endpoint_is_made_and_used(gateway, browser):
    """A mistake is said at its field; made, it serves the official SDK at once; deleted, it is gone."""

    def ask() -> str:
        with anthropic.Anthropic(base_url=f"{gateway.url}/anthropic", auth_token=gateway.token, api_key=None, max_retries=0) as client:
            return client.messages.create(model="house-claude", max_tokens=16, messages=[{"role": "user", "content": "hello"}]).model

    browser.open(f"{gateway.url}/endpoints")
    browser.click("a.button.main")
    fill(browser, name="house-claude", target_provider="lab-anthropic", target_model="claude-opus-4-6", target_percent="90")
    browser.press("Make it")
    assert "add up to 100" in browser.value("document.querySelector('small.bad').innerText")
    fill(browser, target_percent="100")
    browser.press("Make it")
    assert browser.value("location.pathname") == "/endpoints/house-claude"
    assert ask() == "claude-opus-4-6"
    browser.open(f"{gateway.url}/endpoints/databricks-gpt-5-2")
    assert "declared at headgate.toml:" in browser.text()
    browser.open(f"{gateway.url}/endpoints/house-claude")
    browser.value("document.querySelector('details.confirm').open = true")
    browser.press("Delete house-claude")
    assert "house-claude" not in browser.text()
    with pytest.raises(anthropic.BadRequestError, match="No endpoint answers"):
        ask()


def light(browser, kind: str) -> str:
    """The classes of a light, and what it says."""
    return browser.value(f"(one => one.className + ' ' + one.innerText)(document.querySelector('[data-light={kind}]'))")


def test_an_agent_is_connected(gateway, browser):
    """The page makes a token of one's own; the light turns green with the first request that has it, and with the first export, without a reload."""
    browser.open(f"{gateway.url}/connect?agent=claude-code")
    browser.press("Make a token")
    token = browser.value("document.querySelector('[data-secret] code').innerText").strip()
    assert token not in browser.value("location.href")
    texts = "[...document.querySelectorAll('figure.snippet code')].map(code => code.innerText)"
    settings = json.loads(browser.value(f"{texts}.find(text => text.startsWith('{{'))"))["env"]
    assert settings["ANTHROPIC_AUTH_TOKEN"] == token
    assert light(browser, "recorded").startswith("light waiting")
    headers = {"user-agent": "claude-cli/2.1.332 (external, cli)"}
    with anthropic.Anthropic(base_url=settings["ANTHROPIC_BASE_URL"], auth_token=token, api_key=None, default_headers=headers) as client:
        client.messages.create(model=CLAUDE, max_tokens=16, messages=[{"role": "user", "content": "hello"}])
    until(lambda: light(browser, "recorded").startswith("light good") and "Arrived." in light(browser, "recorded"))
    assert light(browser, "telemetry").startswith("light waiting")
    Exporters(gateway).create_tables()
    headgate("sql", f"GRANT MODIFY ON TABLE {name_of('logs')} TO `account users`", "--data", gateway.data)
    named = {"authorization": f"Bearer {token}", "content-type": "application/x-protobuf", "x-databricks-uc-table-name": str(name_of("logs"))}
    exporter = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    exporter.request("POST", f"/api/2.0/otel/v1/{PATHS['logs']}", logs(records=1), named)
    assert exporter.getresponse().status == 200
    exporter.close()
    until(lambda: light(browser, "telemetry").startswith("light good"))
    browser.open(f"{gateway.url}/connect?agent=claude-code")
    until(lambda: light(browser, "recorded").startswith("light good"))
    assert token not in browser.value("document.documentElement.outerHTML")

"""The pages of access in a real browser: what is made there works with an official SDK, and what is ended there is refused. Skipped without Chromium."""

import http.client
import json
import re

import anthropic
import pytest

from tests.e2e.browsing import needs_chromium
from tests.e2e.chromium import browsing
from tests.e2e.lab import headgate, running

pytestmark = needs_chromium

MODEL = "claude-opus-4-6"
_STATUS_NOTE = "Failed to load resource: the server responded with a status of "


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("access"), None, arguments=("--demo",)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def browser(demo):
    """One browser, signed in as the administrator. No page breaks its policy or names a file that is missing."""
    with browsing() as started:
        started.open(headgate("token", "sign-in", "--url", demo.url, "--data", demo.data).strip())
        started.press("Sign in")
        yield started
        assert [text for text in started.logged if not text.startswith(_STATUS_NOTE)] == []


def fill(browser, **fields: str) -> None:
    """Write into the fields of these names, in the form that is open."""
    browser.value("for (const each of document.querySelectorAll('details.confirm')) each.open = true")
    for name, text in fields.items():
        browser.value(f"for (const each of document.querySelectorAll('main [name={name}]')) each.value = {json.dumps(text)}")


def path(browser) -> str:
    """The address that the browser shows, without the host."""
    return str(browser.value("location.pathname + location.search"))


def shown_secret(browser) -> str:
    """The token that the page shows."""
    return str(browser.value("document.querySelector('[data-secret] code').textContent"))


def ask(demo, token: str) -> str:
    """What the model answers to this token, or the error's text, by Anthropic's own SDK."""
    with anthropic.Anthropic(base_url=f"{demo.url}/anthropic", auth_token=token, api_key=None, max_retries=0) as client:
        try:
            message = client.messages.create(model=MODEL, max_tokens=100, messages=[{"role": "user", "content": "Say hello."}])
        except anthropic.APIStatusError as error:
            return f"{error.status_code} {error.message}"
        return message.content[0].text


def test_a_user_and_a_token_are_made_and_used(demo, browser):
    """The token is shown once with each agent's configuration, works with the official SDK, and is refused once its user is deactivated."""
    browser.open(f"{demo.url}/access")
    fill(browser, name="grace@example.com", display_name="Grace")
    browser.press("Make the user")
    user = path(browser)
    assert re.fullmatch(r"/access/users/usr_[0-9a-f]+", user)
    browser.open(f"{demo.url}/access?show=tokens")
    fill(browser, name="grace's laptop", holder="grace@example.com", endpoints="claude-*")
    browser.press("Make the token")
    secret = shown_secret(browser)
    assert f'"ANTHROPIC_AUTH_TOKEN": "{secret}"' in browser.text()
    assert secret not in path(browser)
    answer = ask(demo, secret)
    assert not answer.startswith("4")
    browser.open(demo.url + user)
    assert "grace's laptop" in browser.text()
    browser.back()
    assert path(browser).startswith("/access/tokens/")
    assert secret not in browser.value("document.body.textContent")
    browser.open(demo.url + user)
    fill(browser)
    browser.press("Deactivate grace@example.com")
    assert "grace@example.com is deactivated" in ask(demo, secret)
    browser.press("Activate grace@example.com")
    assert ask(demo, secret) == answer


def test_rotating_and_revoking(demo, browser):
    """Without an overlap the old secret is refused at once; a revoked token too."""
    first, which = demo.create_token("ci", "henry@example.com")
    browser.open(f"{demo.url}/access/tokens/{which}")
    fill(browser, overlap="0")
    browser.press("Rotate")
    second = shown_secret(browser)
    assert ask(demo, first).startswith("401")
    assert not ask(demo, second).startswith("401")
    fill(browser)
    browser.press("Revoke for ever")
    assert ask(demo, second).startswith("401")


def test_a_second_administrator_s_form_is_refused(demo, browser):
    """A form that was made before another change changes nothing; it says so, and shows what was chosen."""
    headgate("user", "create", "ines@example.com", "--data", demo.data)
    made = json.loads(headgate("user", "show", "ines@example.com", "--json", "--data", demo.data))
    where = f"{demo.url}/access/users/{made['id']}"
    browser.open(where)
    headgate("role", "give", "viewer", "ines@example.com", "--data", demo.data)
    browser.value("document.querySelector('[name=role][value=admin]').checked = true")
    browser.press("Save the roles")
    assert "was changed meanwhile" in browser.text()
    assert browser.value("document.querySelector('[name=role][value=admin]').checked")
    browser.open(where)
    assert browser.value("[...document.querySelectorAll('[name=role]:checked')].map(each => each.value)") == ["viewer"]


def test_the_last_account_administrator_stays(demo, browser):
    """Its roles are refused at the form."""
    browser.open(f"{demo.url}/access?show=users&q=admin")
    browser.click("table a[href^='/access/users/']")
    browser.value("for (const each of document.querySelectorAll('[name=role]')) each.checked = false")
    browser.press("Save the roles")
    assert "no active account administrator" in browser.text()


def test_a_form_of_another_session_changes_nothing(demo):
    """Without the form token of a session there is no new user."""
    connection = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=10)
    connection.request("POST", "/access/users", "name=mallory", headers={"content-type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().status == 401
    connection.close()
    assert "mallory" not in headgate("user", "list", "--data", demo.data)

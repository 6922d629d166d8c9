"""The page of limits in a real browser: what it predicts is what an official SDK is then answered, and what a trial says agrees with the rows. Skipped without Chromium."""

import re
from collections import Counter

import anthropic
import pytest

from tests.e2e.browsing import needs_chromium
from tests.e2e.chromium import browsing
from tests.e2e.lab import headgate, running
from tests.e2e.test_access_pages import fill
from tests.fakes.front import wait_until

pytestmark = needs_chromium

MODEL = "claude-haiku-4-5"
_STATUS_NOTE = "Failed to load resource: the server responded with a status of "


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("limits"), None, arguments=("--demo",)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def browser(demo):
    """One browser, signed in as the administrator. No page breaks its policy or names a file that is missing."""
    with browsing() as started:
        started.open(headgate("token", "sign-in", "--url", demo.url, "--data", demo.data).strip())
        started.press("Sign in")
        yield started
        assert [text for text in started.logged if not text.startswith(_STATUS_NOTE)] == []


def refused(demo, token: str) -> str:
    """The text with which Anthropic's own SDK is refused; empty if it is answered."""
    with anthropic.Anthropic(base_url=f"{demo.url}/anthropic", auth_token=token, api_key=None, max_retries=0) as client:
        try:
            client.messages.create(model=MODEL, max_tokens=50, messages=[{"role": "user", "content": "Say hello."}])
        except anthropic.APIStatusError as error:
            return str(error.body["error"]["message"])
        return ""


def without_time(text: str) -> str:
    """The text without the seconds that go by between two looks."""
    return re.sub(r"\d+ (seconds?|minutes?)|\d+ h( \d+ min)?", "…", text)


def test_a_limit_refuses_as_the_page_predicted(demo, browser):
    """A limit that is made on the page lets one request through; then the tester shows the refusal, and the SDK gets the same words."""
    token, _ = demo.create_token("laptop", "kim@example.com")
    browser.open(f"{demo.url}/limits")
    fill(browser, key="user", principal="kim@example.com", per="hour", requests="1")
    browser.press("Save")
    assert "user kim@example.com" in browser.text()
    asked = f"{demo.url}/limits?show=try&user=kim@example.com&model={MODEL}&agent=claude-code"
    browser.open(asked)
    assert "Allowed" in browser.text()
    assert not refused(demo, token)
    browser.open(asked)
    predicted = str(browser.value("document.querySelector('#answer .snippet code').textContent"))
    assert "limit of 1 request per hour for user kim@example.com" in predicted
    assert without_time(refused(demo, token)) == without_time(predicted)
    browser.open(f"{demo.url}/limits")
    assert "1 of 1 requests" in browser.text()
    wait_until(lambda: browser.open(f"{demo.url}/limits?show=refusals") or "limit_user" in browser.text())
    browser.open(f"{demo.url}/limits")
    browser.click("a[href^='/limits/limits/']")
    fill(browser)
    browser.press("Delete it")
    assert not refused(demo, token)


def test_a_trial_agrees_with_the_rows(demo, browser):
    """Of each user's requests, all but the first two within a day would have been refused."""
    before = len(demo.rows())
    tokens = [demo.create_token("laptop", user)[0] for user in ("lea@example.com", "max@example.com")]
    for token, times in zip(tokens, (5, 3), strict=True):
        for _ in range(times):
            assert not refused(demo, token)
    sent = Counter(row["requester"] for row in demo.rows(before + 8) if row["ended"] != "refused")
    expected = {who: str(count - 2) for who, count in sent.items() if count > 2}
    browser.open(f"{demo.url}/limits")
    fill(browser, key="user_default", per="day", requests="2")
    browser.press("Try it against the last 30 days")
    cells = browser.value("[...document.querySelectorAll('#trial .table tbody tr')].map(row => [row.cells[0].textContent, row.cells[2].textContent])")
    assert dict(cells) == expected
    assert browser.value("document.querySelector('[name=requests]').value") == "2"
    assert not refused(demo, tokens[0])


def test_a_second_administrator_s_form_is_refused(demo, browser):
    """It keeps what was typed, and the budget stays as the other administrator left it."""
    browser.open(f"{demo.url}/limits?show=budgets")
    fill(browser, name="team", usd="500", per="month")
    browser.press("Save")
    browser.click("a[href^='/limits/budgets/']")
    headgate("budget", "update", "team", "--usd", "600", "--data", demo.data)
    fill(browser, usd="700")
    browser.press("Save")
    assert "was changed meanwhile" in browser.text()
    assert browser.value("document.querySelector('[name=usd]').value") == "700"
    browser.open(f"{demo.url}/limits?show=budgets")
    assert "$600.00" in browser.text()

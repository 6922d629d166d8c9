"""What the pages say of an exchange that was translated: to which format, what was lost and why, and what was said, as the agent had it."""

import json

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.lab import GPT, lab_provider, running
from tests.e2e.visitor import Visitor, shown_text
from tests.fakes.front import wait_until
from tests.fakes.turns import Text, Thinking, Tokens, Turn

LOGGING = '\n[payloads]\ntable = "main.default.logged"\n'
ANSWER = Turn((Thinking("A thought.", "proof"), Text("Hello from afar.")), Tokens(fresh=12, output=7))


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """An administrator's session, and the id of a request in Anthropic's format to a model of OpenAI's."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("translated"), provider, LOGGING) as gateway:
        body = json.loads(ANTHROPIC.body(stream=True)) | {"model": GPT, "top_k": 5}
        provider.play(ANSWER)
        headers = {"x-claude-code-session-id": "translated-session"}
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), json.dumps(body).encode(), headers) as asking:
            asking.rest()
            asked = asking.answer.getheader("x-databricks-request-id")
        found = Visitor(gateway)
        wait_until(lambda: found.get(f"/requests/{asked}")[0] == 200)
        yield found, asked


def test_one_request_says_what_it_was_translated_to_and_what_was_lost(visitor):
    """With the reason of each loss; and what was said is in the agent's own words."""
    found, asked = visitor
    wait_until(lambda: "Hello from afar." in found.page(f"/requests/{asked}"))
    page = found.page(f"/requests/{asked}")
    assert "The agent asked in the format of Anthropic, and lab-openai was asked in that of OpenAI Chat" in shown_text(page)
    assert "<td><code>top_k</code></td><td>" in page


def test_the_list_and_the_session_show_it(visitor):
    """The list marks it, and the conversation of the agent's session has question and answer."""
    found, asked = visitor
    wait_until(lambda: asked in found.page("/requests"))
    assert "Translated to the format of OpenAI Chat" in found.page("/requests")
    wait_until(lambda: "Hello from afar." in found.page("/sessions/translated-session"))


def test_what_would_happen_says_it(visitor):
    """On the page of limits, and in a terminal."""
    found, _ = visitor
    page = shown_text(found.page(f"/limits?show=try&model={GPT}&agent=claude-code"))
    assert "gpt-5.2 of lab-openai (translated to OpenAI Chat)." in page

"""The pages of agent sessions over a running gateway that keeps requests and answers: the conversation, its files, who sees what, and nothing that runs."""

import json
import re

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.browsing import needs_chromium
from tests.e2e.chromium import browsing
from tests.e2e.lab import headgate, lab_provider, running
from tests.e2e.visitor import Visitor, shown_text
from tests.fakes.front import wait_until
from tests.fakes.turns import Call, Text, Tokens, Turn, refuse

MEMBER, VIEWER = "mem@example.com", "vic@example.com"
KEPT = '[journal]\nroll_s = 0.2\n\n[payloads]\ntable = "main.default.all"\n'
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>[x](javascript:alert(1)) \x1b[31mred\u2028line\u202e "
    "</pre></details>{{7*7}} `````` ]]> <!-- &lt;b&gt;"
)
EDIT = {"file_path": "src/login.py", "old_string": "a\nold\nz", "new_string": f"a\n{HOSTILE}\nz"}
SESSION, PLAIN = "5e551011-0000-4000-8000-00000000000a", "5e551011-0000-4000-8000-00000000000b"


class House:
    """A gateway that keeps requests and answers, with an administrator, a viewer and a member."""

    def __init__(self, gateway, provider) -> None:
        self.gateway, self.provider = gateway, provider
        self.member_token = self._token(MEMBER)
        self._token(VIEWER)
        headgate("role", "give", "viewer", VIEWER, "--data", gateway.data)
        self.admin, self.viewer, self.member = Visitor(gateway), Visitor(gateway, VIEWER), Visitor(gateway, MEMBER)

    def _token(self, user: str) -> str:
        return str(json.loads(headgate("token", "create", "own", "--user", user, "--json", "--data", self.gateway.data))["token"])

    def ask(self, session: str, messages, answer, token: str = "") -> str:
        """One request of a session, as Claude Code makes it; its id."""
        self.provider.play(answer)
        body = ANTHROPIC.fields() | {"messages": messages, "tools": [{"name": "Edit", "input_schema": {"type": "object"}}]}
        headers = {"X-Claude-Code-Session-Id": session, "User-Agent": "claude-cli/2.1.330 (external, cli)"}
        with Asking(self.gateway.url, token or self.gateway.token, ANTHROPIC.path(), json.dumps(body).encode(), headers) as asking:
            asking.rest()
            return str(asking.answer.getheader("x-databricks-request-id"))

    def converse(self, session: str, token: str = "") -> list[str]:
        """A prompt, an edit, its result, an error and an answer: the ids of three requests."""
        asked = [{"role": "user", "content": [{"type": "text", "text": f"Repair the login {HOSTILE}"}]}]
        first = self.ask(session, asked, Turn((Text(f"I will {HOSTILE}"), Call("Edit", EDIT, "toolu_1")), Tokens(fresh=1000, output=50)), token)
        call = {"type": "tool_use", "id": "toolu_1", "name": "Edit", "input": EDIT}
        asked += [
            {"role": "assistant", "content": [{"type": "text", "text": f"I will {HOSTILE}"}, call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": f"edited {HOSTILE}"}]},
        ]
        failed = self.ask(session, asked, refuse(400, "no such thing"), token)
        return [first, failed, self.ask(session, asked, Turn((Text("All done."),), Tokens(fresh=10, read=1000, output=5)), token)]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One gateway for all tests of this module, with one session whose bodies are in the table."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("sessions"), provider, KEPT) as gateway:
        found = House(gateway, provider)
        found.ids = found.converse(SESSION)
        found.own = found.converse(PLAIN, found.member_token)
        wait_until(lambda: "All done." in found.admin.get(f"/sessions/{SESSION}")[1] and "All done." in found.admin.get(f"/sessions/{PLAIN}")[1])
        yield found


def test_the_list_has_titles_and_numbers(house):
    """The title is the first prompt, and the last seen is first; the most expensive in the other order."""
    page = house.admin.page("/sessions")
    assert shown_text(page).count("Repair the login <script>") == 2
    assert [found for found in re.findall(r'href="/sessions/([\w-]+)"', page) if found in {SESSION, PLAIN}] == [PLAIN, SESSION]
    assert set(re.findall(r'href="/sessions/([\w-]+)"', house.admin.page("/sessions?sort=cost"))) >= {SESSION, PLAIN}
    assert "1 error" in shown_text(page)


def test_the_conversation(house):
    """Each exchange shows what is new: the prompt once, the call with its result and its change, the error, the answer."""
    page = house.admin.page(f"/sessions/{SESSION}")
    text = shown_text(page)
    assert (text.count("Repair the login <script>"), text.count("All done.")) == (3, 1)  # the title twice, and the prompt
    assert page.count('<span class="added">') == page.count('<span class="removed">') == 1
    assert text.count("edited <script>") == 1
    assert list(re.findall(r'<article class="step error" id="(req_[0-9a-f]+)"', page)) == [house.ids[1]]
    assert "First error" in text
    assert f'id="{house.ids[2]}"' in house.admin.page(f"/sessions/{SESSION}?at={house.ids[2]}")


def test_files(house):
    """JSON has every part, Markdown keeps what was said in fences that nothing in it closes."""
    found = json.loads(house.admin.page(f"/sessions/{SESSION}/export"))
    assert [each["request_id"] for each in found["exchanges"]] == house.ids
    call = found["exchanges"][0]["answered"][1]
    assert (call["name"], call["result"]["text"].startswith("edited <script>")) == ("Edit", True)
    assert "\x1b" not in json.dumps(found, ensure_ascii=False)
    markdown = house.admin.page(f"/sessions/{SESSION}/export?as=md")
    assert "```````text" in markdown
    assert "\x1b" not in markdown


def test_one_request_has_what_was_said(house):
    """What is latest and its answer; all of it on a page of its own, and both bodies as a file."""
    text = shown_text(house.admin.page(f"/requests/{house.ids[0]}"))
    assert "Repair the login <script>" in text
    assert "I will <script>" in text
    assert "3 earlier parts" not in text
    assert "All done." in shown_text(house.admin.page(f"/requests/{house.ids[2]}/payload"))
    found = json.loads(house.admin.page(f"/requests/{house.ids[2]}/payload?as=json"))
    assert (len(found["request"]["messages"]), found["response"]["content"][0]["text"]) == (3, "All done.")
    assert house.member.get(f"/requests/{house.ids[0]}/payload")[0] == 404
    status, page = house.member.get(f"/requests/{house.own[0]}/payload?as=json")
    assert (status, "Repair" in page) == (404, False)


def test_who_sees_what(house):
    """A member has their own sessions, others are not there; a viewer has every session, and bodies only with the privilege on the table."""
    assert house.member.get(f"/sessions/{SESSION}")[0] == 404
    assert house.member.get(f"/sessions/{SESSION}/export")[0] == 404
    assert set(re.findall(r'href="/sessions/([\w-]+)"', house.member.page("/sessions"))) == {PLAIN}
    own = shown_text(house.member.page(f"/sessions/{PLAIN}"))
    assert "numbers alone" in own
    assert "Repair the login" not in own
    seen = shown_text(house.viewer.page(f"/sessions/{SESSION}"))
    assert "numbers alone" in seen
    assert "Repair the login" not in seen
    headgate("sql", f"GRANT SELECT ON TABLE main.default.all_payload TO `{VIEWER}`", "--data", house.gateway.data)
    wait_until(lambda: "All done." in house.viewer.page(f"/sessions/{SESSION}"))


@needs_chromium
def test_hostile_bodies_stay_text(house):
    """In a real browser, with everything opened: it is read, nothing of it runs or loads, and no control character is left; a key goes to the error."""
    with browsing() as browser:
        name, _, value = house.admin.cookie.partition("=")
        browser.do("Network.setCookie", name=name, value=value, url=house.gateway.url)
        for path in ("/sessions", f"/sessions/{SESSION}"):
            browser.open(house.gateway.url + path)
            browser.value("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            assert "<script>alert(1)</script>" in browser.text()
            assert (
                browser.value("document.querySelectorAll('main script, main [onload], main [onerror], main img, main a[href^=javascript]').length")
                == 0
            )
            assert not re.search(r"[\x00-\x08\x0b-\x1f\u2028\u202e]", browser.text())
        browser.open(f"{house.gateway.url}/sessions/{SESSION}")
        for kind in ("keyDown", "keyUp"):
            browser.do("Input.dispatchKeyEvent", type=kind, key="e", code="KeyE", text="e" if kind == "keyDown" else "")
        assert browser.value("document.activeElement.id") == house.ids[1]
        assert browser.logged == []

"""Who may open which page: every row of the table of pages asked as every kind of visitor, forms of others, and what each role sees.

The rows are those that the process serves, so a new page is in here without being named.
"""

import http.client
import json
import re
from urllib.parse import urlencode

import pytest

from headgate.core.scopes import ADMIN, PUBLIC, VIEWER
from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.lab import USER, headgate, lab_provider, running
from tests.e2e.page_table import page_table
from tests.e2e.visitor import Visitor
from tests.fakes.front import wait_until
from tests.fakes.turns import Text, Tokens, Turn

MEMBER, ANALYST = "mem@example.com", "vic@example.com"
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
# Fields of every form at once. What is made or changed by one of them has this name.
NAME = "eve-was-here"
FIELDS = (
    "name",
    "user",
    "user_name",
    "display_name",
    "group",
    "title",
    "provider",
    "model",
    "preview",
    "action",
    "holder",
    "comment",
    "text",
    "agent",
)
FORM = dict.fromkeys(FIELDS, NAME) | {
    "requests": "1",
    "per": "day",
    "key": "user",
    "amount": "1",
    "role": "admin",
    "privilege": "SELECT",
    "on": "true",
}
# An event stream has no end, and what is public answers everyone; `POST /login` is what makes a session.
ENDLESS, SIGN_IN, SIGN_OUT = "/events", "/login", "/logout"


class House:
    """A gateway with an administrator, a viewer, a member, a browser that has signed out, and one that never signed in."""

    def __init__(self, gateway) -> None:
        self.gateway = gateway
        self.tokens = {name: self._token(name) for name in (MEMBER, ANALYST)}
        headgate("role", "give", "viewer", ANALYST, "--data", gateway.data)
        self.visitors = {"administrator": Visitor(gateway), "viewer": Visitor(gateway, ANALYST), "member": Visitor(gateway, MEMBER)}
        left = Visitor(gateway, MEMBER)
        cookie = left.cookie
        left.post(SIGN_OUT)
        self.cookies = {name: visitor.cookie for name, visitor in self.visitors.items()} | {"nobody": "", "signed out": cookie}

    def _token(self, name: str) -> str:
        return str(json.loads(headgate("token", "create", "own", "--user", name, "--json", "--data", self.gateway.data))["token"])

    def ask(self, who: str, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=60)
        headers = {"cookie": self.cookies[who], "accept": "text/html"}
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, text

    def hello(self, token: str) -> None:
        """One request of an agent."""
        with Asking(self.gateway.url, token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            asking.rest()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One gateway for all tests of this module."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("house"), provider, "[journal]\nroll_s = 0.2\n") as gateway:
        found = House(gateway)
        provider.play(*[Turn((Text("Hello."),), Tokens(fresh=10, output=5))] * 2)
        for token in (gateway.token, found.tokens[MEMBER]):
            found.hello(token)
        yield found


@pytest.fixture(scope="module")
def rows():
    """Method, path and access rule of every page. A placeholder has a value that nothing has."""
    table = [(route.method, PLACEHOLDER.sub("absent", route.path), route.access) for route in page_table()]
    assert len(table) > 70
    return [row for row in table if row[1] not in {ENDLESS, SIGN_IN, SIGN_OUT}]


def allowed(who: str, access: str) -> bool:
    """Whether the rule lets a visitor in, by the rule's own words: a viewer reads everyone's usage, an administrator does everything."""
    if access == VIEWER:
        return who in {"viewer", "administrator"}
    return who == "administrator" or (access != ADMIN and who in {"viewer", "member"})


def test_every_page_as_every_visitor(house, rows):
    """Without a session there is the way to sign in and no more; without the role the page says which one it needs; with it the page answers for itself."""
    wrong = []
    for method, path, access in rows:
        for who in house.cookies:
            status, text = house.ask(who, method, path, FORM if method == "POST" else None)
            if access == PUBLIC:
                right = status not in {401, 403}
            elif who in {"nobody", "signed out"}:
                right = status == 401 or (method == "POST" and status == 403)
            elif method == "POST":  # none of these forms has the session's form token
                right = status == 403
            elif not allowed(who, access):
                right = status == 403 or (path == "/" and status == 303)
            else:
                right = status not in {401, 403}
            if not right or status >= 500:
                wrong.append((method, path, access, who, status, text[:200]))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_form_token_of_another_session_is_none(house, rows):
    """Neither a member's own nor another administrator's: a form counts with the token of its own session alone, and then by its session's role."""
    visitors = house.visitors
    theirs = re.findall(r'name="form_token" value="([0-9a-f]+)"', visitors["member"].page("/connect"))[0]
    posts = [(path, access) for method, path, access in rows if method == "POST" and access != PUBLIC]
    assert len(posts) > 15
    wrong = [(path, "another's") for path, _ in posts if house.ask("administrator", "POST", path, FORM | {"form_token": theirs})[0] != 403]
    for path, access in posts:
        if not allowed("member", access) and house.ask("member", "POST", path, FORM | {"form_token": theirs})[0] != 403:
            wrong.append((path, "a member's"))
    assert not wrong


def test_nothing_was_changed(house):
    """After all those forms there is no trace of any of them."""
    shown = [house.visitors["administrator"].page(path) for path in ("/access", "/endpoints", "/limits", "/providers", "/audit", "/me/tokens")]
    assert not [page for page in shown if NAME in page]


def test_each_role_sees_its_own(house):
    """Other navigation, other pages and other rows: a member sees their own requests alone, a viewer and an administrator everyone's."""
    shown = {}
    wait_until(lambda: all(USER in house.visitors[who].page("/requests") for who in ("administrator", "viewer")))
    wait_until(lambda: MEMBER in house.visitors["member"].page("/requests"))
    for who, visitor in house.visitors.items():
        page = visitor.page("/requests")
        main = page[page.index("<main") :]
        links = set(re.findall(r'<li><a href="(/[a-z/]*)"', page[: page.index("<main")]))
        shown[who] = (links, {name for name in (USER, MEMBER) if f"<td>{name}" in main})
    administrator_, viewer, member = (shown[who] for who in ("administrator", "viewer", "member"))
    assert member[1] == {MEMBER}
    assert viewer[1] == administrator_[1] == {USER, MEMBER}
    assert member[0] < viewer[0] < administrator_[0]
    assert {"/", "/people", "/cost"} & administrator_[0] <= viewer[0] - member[0]
    assert {"/access", "/endpoints", "/settings"} <= administrator_[0] - viewer[0]

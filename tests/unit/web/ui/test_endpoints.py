"""The pages of endpoints: what is listed, the form of the store's endpoints, their permissions."""

import html

import pytest

from headgate.admin.endpoint_permissions import EndpointPermissions, Governed
from headgate.admin.objects import ObjectAdmin
from headgate.admin.principals import NewPrincipal, PrincipalAdmin
from headgate.config.load import WrittenFile, load
from headgate.config.objects import with_stored
from headgate.core.errors import Unavailable
from headgate.core.principal import Principal
from headgate.exchange.circuits import CircuitState
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable
from headgate.web.ui.endpoints import EndpointParts, endpoint_routes
from tests.fakes.browser import PAGES, Browser
from tests.fakes.objects import MemoryObjects
from tests.fakes.page_rows import FakeQueries, read
from tests.fakes.ports import FakeClock
from tests.fakes.principal_state import MemoryPrincipals

_FILE = """\
[[providers]]
name = "lab"
dialect = "anthropic"
models = ["claude-a", "claude-b"]

[[endpoints]]
name = "house"
targets = [{ provider = "lab", model = "claude-a" }]
max_output_tokens = 4000

[[limits]]
endpoint = "house"
key = "user_default"
per = "minute"
requests = 60
"""
_FORM: dict[str, str | list[str]] = {
    "act": "save", "name": "coding", "target_provider": ["lab", "lab", ""], "target_model": ["claude-a", "claude-b", ""], "target_percent": ["60", "40", ""],
    "fallback_provider": "", "fallback_model": "", "usage_tracking": "on",
}  # fmt: skip
_ROOT = Principal(id="usr_root", name="root", scopes=frozenset({"inference", "admin"}), roles=frozenset({"account_admin"}))


class Desk:
    """A signed-in administrator before the pages. What is stored is in force at once."""

    def __init__(self) -> None:
        environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
        self.file = load("", environ, accepted=WrittenFile("headgate.toml", _FILE))
        self.state = MemoryObjects()
        self.objects = ObjectAdmin(self.state, lambda: self.file, FakeClock())
        self.queries = FakeQueries({"name": "house", "requests": 12, "errors": 3, "last_at": "2026-11-30T09:00:00Z"})
        self.follows = 0
        principals = PrincipalAdmin(MemoryPrincipals(), FakeClock(), tuple)
        principals.create(_ROOT, NewPrincipal(name="ada", kind="USER"))
        parts = EndpointParts(
            objects=self.objects,
            permissions=EndpointPermissions(self.objects, principals, self.governed),
            snapshot=self.snapshot,
            providers=lambda: self.file.providers,
            circuit=lambda _: CircuitState(),
            queries=self.queries,
            follow=self._follow,
        )
        pages = [page for page in PAGES if page.path != "/endpoints"]
        self.browser = Browser(routes=(*pages, *endpoint_routes(parts)))

    def snapshot(self) -> Snapshot:
        """What is in force."""
        both = with_stored(self.file, self.state.list_objects())
        permissions = PermissionTable(both.grants, frozenset()) if both.grants else None
        return Snapshot(1, TokenTable({}), EndpointTable(both.providers, both.endpoints), permissions=permissions)

    def governed(self) -> Governed:
        """The same, for permissions."""
        snapshot = self.snapshot()
        return Governed(snapshot.endpoints, snapshot.permissions, frozenset())

    async def _follow(self) -> None:
        self.follows += 1

    async def page(self, path: str, status: int = 200) -> str:
        """What an administrator reads."""
        found, _, body = await self.browser.ask("GET", path, accept="text/html")
        assert found == status
        return read(body)

    async def send(self, path: str, **form: str | list[str]) -> tuple[int, str]:
        """Send a form: its status, and where it leads or what it then says."""
        status, headers, body = await self.browser.press(path, **form)
        return status, headers.get("location") or read(body)


@pytest.fixture
async def desk() -> Desk:
    """One that is signed in."""
    made = Desk()
    await made.browser.sign_in()
    return made


async def test_the_list(desk: Desk) -> None:
    """What is declared with its line, targets and counts, and apart from it what the provider is known to serve."""
    page = await desk.page("/endpoints")
    assert "house Anthropic lab claude-a everyone 1 12 3 headgate.toml:6" in page
    assert "Found with the providers" in page
    assert "claude-b Anthropic lab claude-b everyone none 0 0 found" in page


async def test_many_endpoints_are_searched(desk: Desk) -> None:
    """The list shows the first ones, says how many more there are, and finds the others by a part of their names."""
    for number in range(60):
        desk.objects.create("endpoint", {"name": f"team-{number}", "targets": [{"provider": "lab", "model": "claude-a"}]}, "ada")
    _, _, body = await desk.browser.ask("GET", "/endpoints")
    assert len(body.encode()) < 60 << 10
    assert "11 more are not shown" in read(body)
    page = await desk.page("/endpoints?q=TEAM-59")
    assert "team-59" in page
    assert "team-1 " not in page
    assert "house" not in await desk.page("/endpoints?q=team-5")
    assert "No endpoint has “<b>” in its name." in html.unescape(read((await desk.browser.ask("GET", "/endpoints?q=%3Cb%3E"))[2]))


async def test_the_pages_do_without_counts(desk: Desk) -> None:
    """Where rows cannot be read now, all else is shown."""
    desk.queries.refusal = Unavailable("SQL is starting.")
    for path in ("/endpoints", "/endpoints/house"):
        page = await desk.page(path)
        assert "cannot be counted now: SQL is starting." in page
        assert "0 requests" not in page
        assert "none within 24 h" not in page
        assert "claude-a" in page


async def test_an_endpoint_is_made_changed_and_deleted(desk: Desk) -> None:
    """By its form, through the use-case; the list and its page show it with who made it."""
    assert await desk.send("/endpoints", **_FORM) == (303, "/endpoints/coding")
    made = desk.objects.find("endpoint", "coding")
    assert [each["traffic_percent"] for each in made.document["targets"]] == [60, 40]
    assert made.stored is not None
    assert made.stored.created_by == "ada@example.com"
    assert "coding Anthropic lab claude-a 60 % or lab claude-b 40 % everyone none 0 0 store" in await desk.page("/endpoints")
    assert "by ada@example.com" in await desk.page("/endpoints/coding")
    assert "Change coding" in await desk.page("/endpoints/coding?edit")
    changed = _FORM | {"target_percent": ["", "", ""], "display_name": "Coding", "etag": made.etag}
    assert await desk.send("/endpoints/coding", **changed) == (303, "/endpoints/coding")
    after = desk.objects.find("endpoint", "coding").document
    assert (after["display_name"], "traffic_percent" in after["targets"][0]) == ("Coding", False)
    assert await desk.send("/endpoints/coding", act="delete") == (303, "/endpoints")
    assert desk.follows == 3
    await desk.page("/endpoints/coding", status=404)


async def test_a_change_keeps_what_the_form_does_not_have(desk: Desk) -> None:
    """And a change of something that was changed meanwhile is refused, with what was typed still there."""
    await desk.send("/endpoints", **_FORM)
    made = desk.objects.find("endpoint", "coding")
    desk.objects.change("endpoint", "coding", {"tags": {"team": "web"}}, "eve")
    status, page = await desk.send("/endpoints/coding", **_FORM | {"etag": made.etag, "display_name": "Mine"})
    assert status == 409
    assert "was changed meanwhile" in page
    assert desk.objects.find("endpoint", "coding").document["tags"] == {"team": "web"}


async def test_what_is_wrong_is_said_at_its_field(desk: Desk) -> None:
    """Nothing is stored, and the form has what was typed."""
    wrong = _FORM | {"target_percent": ["60", "30", ""], "first_token_timeout_s": "soon", "name": "no spaces"}
    status, _, body = await desk.browser.press("/endpoints", **wrong)
    page = read(body)
    assert status == 400
    assert "must be a number" in page
    assert 'value="soon"' in body
    assert desk.state.list_objects() == []
    status, page = await desk.send("/endpoints", **wrong | {"first_token_timeout_s": "", "name": "coding"})
    assert (status, "must add up to 100, and these add up to 90" in page) == (400, True)
    status, page = await desk.send("/endpoints", **_FORM | {"name": "house"})
    assert (status, "is declared at headgate.toml:6 already" in page) == (409, True)


async def test_more_rows_store_nothing(desk: Desk) -> None:
    """The button that adds rows keeps what is typed."""
    status, _, body = await desk.browser.press("/endpoints", **_FORM | {"act": "rows"})
    assert (status, body.count('name="target_provider"')) == (200, 6)
    assert 'value="claude-b"' in body
    assert desk.state.list_objects() == []


async def test_what_the_file_declares_is_read_only(desk: Desk) -> None:
    """It is shown with its line; neither the form nor a button for it is there, and sending one is refused."""
    page = await desk.page("/endpoints/house")
    assert "declared at headgate.toml:6" in page
    assert "max_output_tokens 4000" in page
    assert "Delete" not in page
    await desk.page("/endpoints/house?edit", status=409)
    assert (await desk.send("/endpoints/house", act="delete"))[0] == 409
    assert (await desk.send("/endpoints/house", **_FORM))[0] == 409


async def test_an_endpoint_that_was_found_can_be_declared(desk: Desk) -> None:
    """Its page leads to a form with its name and target."""
    _, _, body = await desk.browser.ask("GET", "/endpoints/claude-b")
    assert 'href="/endpoints?new&amp;name=claude-b&amp;provider=lab&amp;model=claude-b"' in body
    _, _, body = await desk.browser.ask("GET", "/endpoints?new&name=claude-b&provider=lab&model=claude-b")
    assert 'name="name" value="claude-b"' in body
    assert '<option value="lab" selected>' in body


async def test_permissions_are_given_and_taken(desk: Desk) -> None:
    """Through the use-case, also on an endpoint of the file; without the last one it is the administrators' alone."""
    ada: dict[str, str | list[str]] = {"kind": "user", "principal": "ada"}
    assert await desk.send("/endpoints/house", act="permit", level="CAN_QUERY", **ada) == (303, "/endpoints/house#permissions")
    page = await desk.page("/endpoints/house")
    assert "ada user CAN QUERY store Remove" in page
    assert "house Anthropic lab claude-a 1 grant" in await desk.page("/endpoints")
    assert (await desk.send("/endpoints/house", act="revoke", **ada))[0] == 303
    assert [str(grant.document["principal"]) for grant in desk.objects.all_of("grant")] == ["group:admins"]
    status, page = await desk.send("/endpoints/house", act="permit", level="CAN_QUERY", kind="user", principal="nobody")
    assert (status, "nobody" in page) == (404, True)
    assert (await desk.send("/endpoints/house", act="permit", kind="robot", principal="x"))[0] == 400
    assert (await desk.send("/endpoints/house", act="dance"))[0] == 400


async def test_names_with_slashes(desk: Desk) -> None:
    """Have a page too."""
    assert await desk.send("/endpoints", **_FORM | {"name": "openai/gpt"}) == (303, "/endpoints/openai/gpt")
    assert "openai/gpt" in await desk.page("/endpoints/openai/gpt")

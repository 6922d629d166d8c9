"""Tokens over REST: whose they are, what may be asked for, and what the answers hold."""

import json

import pytest

from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import TokenAdmin
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable, authenticate, parse_token
from headgate.routing.table import EndpointTable
from headgate.web.api.service import Api
from headgate.web.api.tokens import token_routes
from headgate.web.authenticator import Authenticator
from headgate.web.guesses import Guesses
from headgate.web.path_table import PathTable
from tests.fakes.asking import ask, head
from tests.fakes.ports import FakeClock
from tests.fakes.state import MemoryState

PEPPER = b"p" * 32

OWN, ALL = "/api/2.0/token", "/api/2.0/token-management"
DAY_S = 86_400


class Tokens:
    """The API over a store in memory, in which `root` and `ada` have a token, ada's for a while."""

    def __init__(self):
        self.clock = FakeClock()
        self.state = MemoryState()
        self.admin = TokenAdmin(self.state, PEPPER, self.clock)
        made = {
            "root": self.admin.create(TokenRequest(name="root", scopes=("inference", "admin"))),
            "ada": self.admin.create(
                TokenRequest(name="laptop", user="ada", scopes=("inference", "sql"), endpoints=("claude-*",), lifetime_s=10 * DAY_S)
            ),
        }
        self.ids = {name: each.row.id for name, each in made.items()}
        self.secrets = {name: each.token for name, each in made.items()}
        self.follows = 0
        self.see()
        authenticator = Authenticator(lambda: self.snapshot, self.follow, PEPPER, self.clock, Guesses(self.clock), {})
        self.api = Api(PathTable(token_routes(self.admin, self.follow, self.clock)), authenticator)

    @property
    def now_ms(self):
        return self.clock.wall_ns() // 1_000_000

    def see(self):
        self.snapshot = Snapshot(1, TokenTable(self.state.load_access().tokens), EndpointTable([], []))

    async def follow(self):
        self.follows += 1
        self.see()

    async def ask(self, who, method, path, body=None):
        path, _, query = path.partition("?")
        data = b"" if body is None else json.dumps(body).encode()
        headers = [(b"content-length", b"%d" % len(data)), (b"authorization", b"Bearer " + self.secrets[who].encode())]
        client = await ask(self.api, head(method, f"{path}?{query}" if query else path, headers, address="10.1.2.3"), data)
        return client.status, json.loads(client.body)


@pytest.fixture
def tokens():
    return Tokens()


async def test_a_principal_makes_lists_and_revokes_its_own(tokens):
    """The secret is in the first answer alone, and works; what is revoked is gone from the list."""
    status, made = await tokens.ask("ada", "POST", f"{OWN}/create", {"comment": "second", "lifetime_seconds": 3_600, "scopes": ["sql"]})
    assert status == 200
    assert parse_token(made["token_value"]) == made["token_value"]
    info = made["token_info"]
    now_ms = tokens.now_ms
    assert (info["comment"], info["scopes"], info["endpoints"], info["expiry_time"]) == ("second", ["sql"], ["claude-*"], now_ms + 3_600_000)
    token = authenticate(TokenTable(tokens.state.load_access().tokens), PEPPER, made["token_value"], now_ms / 1000)
    assert token.principal.name == "ada"
    _, listed = await tokens.ask("ada", "GET", f"{OWN}/list")
    assert {each["comment"] for each in listed["token_infos"]} == {"laptop", "second"}
    assert made["token_value"] not in str(listed)
    assert await tokens.ask("ada", "POST", f"{OWN}/delete", {"token_id": info["token_id"]}) == (200, {})
    _, listed = await tokens.ask("ada", "GET", f"{OWN}/list")
    assert [each["comment"] for each in listed["token_infos"]] == ["laptop"]
    assert tokens.follows == 2


async def test_what_a_request_leaves_open(tokens):
    """The name, and the lifetime: two years, for a user no longer than the own token's; without an end where that has none."""
    _, made = await tokens.ask("root", "POST", f"{OWN}/create", {})
    now_ms = tokens.now_ms
    assert (made["token_info"]["comment"], made["token_info"]["expiry_time"]) == ("token", now_ms + 730 * DAY_S * 1000)
    _, made = await tokens.ask("ada", "POST", f"{OWN}/create", {})
    assert made["token_info"]["expiry_time"] == now_ms + 10 * DAY_S * 1000
    _, listed = await tokens.ask("root", "GET", f"{ALL}/tokens")
    assert [each["expiry_time"] for each in listed["token_infos"] if each["comment"] == "root"] == [-1]


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "code"),
    [
        ("ada", f"{OWN}/create", {"scopes": ["admin"]}, 403, "PERMISSION_DENIED"),
        ("ada", f"{OWN}/create", {"endpoints": ["*"]}, 403, "PERMISSION_DENIED"),
        ("ada", f"{OWN}/create", {"lifetime_seconds": 11 * DAY_S}, 403, "PERMISSION_DENIED"),
        ("ada", f"{OWN}/create", {"user_name": "eve"}, 400, "INVALID_PARAMETER_VALUE"),
        ("ada", f"{OWN}/create", {"scopes": ["all-apis"]}, 403, "PERMISSION_DENIED"),
        ("root", f"{OWN}/create", {"scopes": ["all-apis"]}, 400, "INVALID_PARAMETER_VALUE"),
        ("root", f"{OWN}/create", {"networks": ["here"]}, 400, "INVALID_PARAMETER_VALUE"),
        ("root", f"{OWN}/create", {"lifetime_seconds": 0}, 400, "INVALID_PARAMETER_VALUE"),
        ("root", f"{OWN}/create", {"comment": 5}, 400, "INVALID_PARAMETER_VALUE"),
        ("root", f"{OWN}/delete", {}, 400, "INVALID_PARAMETER_VALUE"),
        ("root", f"{OWN}/delete", {"token_id": "tok_9"}, 404, "RESOURCE_DOES_NOT_EXIST"),
        ("ada", f"{OWN}/delete", {"token_id": "{root}"}, 404, "RESOURCE_DOES_NOT_EXIST"),
        ("ada", f"{OWN}/{{root}}/rotate", {}, 404, "RESOURCE_DOES_NOT_EXIST"),
        ("ada", f"{ALL}/on-behalf-of/tokens", {"user_name": "ada"}, 403, "PERMISSION_DENIED"),
        ("root", f"{ALL}/on-behalf-of/tokens", {}, 400, "INVALID_PARAMETER_VALUE"),
        ("root", f"{ALL}/on-behalf-of/tokens", {"application_id": "sp_9"}, 404, "RESOURCE_DOES_NOT_EXIST"),
        ("root", f"{ALL}/on-behalf-of/tokens", {"application_id": "sp_9", "user_name": "ada"}, 400, "INVALID_PARAMETER_VALUE"),
    ],
)  # fmt: skip
async def test_refusals(tokens, who, path, body, status, code):
    """In Databricks' envelope; nothing is made or revoked."""
    before = tokens.state.list_tokens()
    body = {name: value.format(**tokens.ids) if isinstance(value, str) else value for name, value in body.items()}
    answered, refusal = await tokens.ask(who, "POST", path.format(**tokens.ids), body)
    assert (answered, refusal["error_code"]) == (status, code), refusal
    assert tokens.state.list_tokens() == before


async def test_the_number_of_tokens_is_bounded(tokens, monkeypatch):
    """With the code that Databricks' clients know."""
    monkeypatch.setattr(tokens.state, "create_token", lambda _token: None)
    status, refusal = await tokens.ask("ada", "POST", f"{OWN}/create", {})
    assert (status, refusal["error_code"]) == (400, "QUOTA_EXCEEDED")


async def test_a_change(tokens):
    """What the mask names, and nothing else; scopes only down."""
    path = f"{OWN}/{tokens.ids['ada']}"
    change = {"token": {"comment": "desk", "scopes": ["sql"], "networks": ["10.0.0.0/8"]}, "update_mask": "comment,networks"}
    status, info = await tokens.ask("ada", "PATCH", path, change)
    assert (status, info["comment"], info["scopes"], info["networks"]) == (200, "desk", ["inference", "sql"], ["10.0.0.0/8"])
    _, info = await tokens.ask("ada", "PATCH", path, {"token": {"scopes": ["sql"]}, "update_mask": "*"})
    assert (info["comment"], info["scopes"]) == ("desk", ["sql"])
    _, info = await tokens.ask("root", "PATCH", f"{ALL}/tokens/{tokens.ids['ada']}", {"token": {"endpoints": ["*"]}, "update_mask": "endpoints"})
    assert (info["endpoints"], info["owner_name"]) == (["*"], "ada")


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("ada", {"token": {"comment": "x"}}, 400), ("ada", {"token": {}, "update_mask": "*"}, 400), ("ada", {"token": {}, "update_mask": "comment"}, 400),
        ("ada", {"token": {"token_id": "x"}, "update_mask": "token_id"}, 400), ("ada", {"token": {"endpoints": ["*"]}, "update_mask": "endpoints"}, 403),
        ("root", {"token": {"scopes": ["inference", "sql", "admin"]}, "update_mask": "scopes"}, 400),
    ],
)  # fmt: skip
async def test_changes_that_are_refused(tokens, who, body, status):
    """A mask that is missing or names nothing, and more rights."""
    before = tokens.state.list_tokens()
    assert (await tokens.ask(who, "PATCH", f"{OWN}/{tokens.ids['ada']}", body))[0] == status
    assert tokens.state.list_tokens() == before


async def test_rotation(tokens):
    """A token rotates itself; the successor has its end, and the old one ends after the overlap."""
    status, made = await tokens.ask("ada", "POST", f"{OWN}/{tokens.ids['ada']}/rotate", {"overlap_seconds": 60})
    assert status == 200
    old = tokens.admin.get(tokens.ids["ada"])
    now_ms = tokens.now_ms
    assert (made["token_info"]["comment"], made["token_info"]["expiry_time"]) == ("laptop", now_ms + 10 * DAY_S * 1000)
    assert (old.name, old.expires_at_ms) == ("laptop (rotated)", now_ms + 60_000)


async def test_administrators_see_and_revoke_all(tokens):
    """With who has each token and who made it; ordinary tokens are refused by their scope."""
    _, made = await tokens.ask("root", "POST", f"{ALL}/on-behalf-of/tokens", {"user_name": "eve", "comment": "for eve", "scopes": ["inference"]})
    info = made["token_info"]
    assert (info["owner_name"], info["created_by_username"], info["last_used_day"]) == ("eve", "root", None)
    tokens.state.note_uses({info["token_id"]: 1_700_000_123_456})
    _, one = await tokens.ask("root", "GET", f"{ALL}/tokens/{info['token_id']}")
    assert (one["token_info"]["last_accessed_time"], one["token_info"]["last_used_day"]) == (1_700_000_123_456, 1_699_920_000_000)
    _, listed = await tokens.ask("root", "GET", f"{ALL}/tokens")
    assert {each["owner_name"] for each in listed["token_infos"]} == {"root", "ada", "eve"}
    _, listed = await tokens.ask("root", "GET", f"{ALL}/tokens?created_by_username=ada")
    assert [each["comment"] for each in listed["token_infos"]] == ["laptop"]
    assert await tokens.ask("root", "DELETE", f"{ALL}/tokens/{info['token_id']}") == (200, {})
    assert (await tokens.ask("root", "DELETE", f"{ALL}/tokens/{info['token_id']}"))[0] == 404
    for method, path in (("GET", "tokens"), ("GET", f"tokens/{tokens.ids['ada']}"), ("DELETE", f"tokens/{tokens.ids['ada']}")):
        status, refusal = await tokens.ask("ada", method, f"{ALL}/{path}")
        assert (status, refusal["error_code"]) == (403, "PERMISSION_DENIED")


async def test_a_revoked_token_is_refused_at_once(tokens):
    """By the process that revoked it."""
    assert (await tokens.ask("root", "DELETE", f"{ALL}/tokens/{tokens.ids['ada']}"))[0] == 200
    status, refusal = await tokens.ask("ada", "GET", f"{OWN}/list")
    assert (status, refusal["error_code"]) == (401, "UNAUTHENTICATED")

"""The use-cases of tokens and sign-in links."""

import pytest

from headgate.admin.tokens import TokenAdmin, TokenRequest
from headgate.core.errors import BadRequest, NotFound
from headgate.policy.authenticate import TokenTable, authenticate, parse_token
from tests.fakes.state import MemoryState

PEPPER = b"p" * 32
DAY_S = 86_400


class Clock:
    """A clock that a test sets."""

    now_s = 1_700_000_000

    def wall_ns(self) -> int:
        return self.now_s * 1_000_000_000

    def monotonic_s(self) -> float:
        return float(self.now_s)


@pytest.fixture
def clock():
    """A clock that stands."""
    return Clock()


@pytest.fixture
def tokens(clock):
    """The use-cases over a store in memory."""
    return TokenAdmin(MemoryState(), PEPPER, clock)


def authenticated(tokens: TokenAdmin, token: str, now_s: float):
    return authenticate(TokenTable(tokens._state.load_access()[1]), PEPPER, token, now_s)


def test_create(tokens, clock):
    """A created token authenticates as what it was asked to be."""
    created = tokens.create(TokenRequest(name="ada's laptop", user="ada@example.com", admin=True, endpoints=("claude-*",), expires_days=30))
    assert parse_token(created.token) == created.token
    assert created.row.last4 == created.token[-4:]
    assert created.row.expires_at_ms == (clock.now_s + 30 * DAY_S) * 1000
    token = authenticated(tokens, created.token, clock.now_s)
    assert (token.id, token.name, token.principal.name) == (created.row.id, "ada's laptop", "ada@example.com")
    assert (token.principal.scopes, token.endpoints) == (frozenset({"inference", "telemetry", "sql", "admin"}), ("claude-*",))


@pytest.mark.parametrize("name", ["admins", "Account Users", "headgate", "\uff21\uff24\uff2d\uff29\uff2e\uff33"])
def test_reserved_names(tokens, name):
    """Nobody is named like a group or like Headgate, by the token's name or by the user's; a token of such a name that is somebody else's is no harm."""
    for request in (TokenRequest(name=name), TokenRequest(name="t", user=name), TokenRequest(name=name, admin=True)):
        with pytest.raises(BadRequest, match="is reserved") as refused:
            tokens.create(request)
        assert refused.value.code == "INVALID_PARAMETER_VALUE"
    assert tokens.list() == []
    assert tokens.create(TokenRequest(name=name, user="ada")).row.principal.name == "ada"


def test_defaults(tokens):
    """By default a token is its own user's, may use every endpoint, is no administrator's and never expires."""
    row = tokens.create(TokenRequest(name="ci")).row
    assert (row.principal.name, row.scopes, row.endpoints, row.expires_at_ms) == ("ci", ("inference", "telemetry", "sql"), ("*",), 0)
    assert row.id.startswith("tok_")
    assert row.principal.id.startswith("usr_")


def test_tokens_differ(tokens):
    """No two tokens are alike."""
    assert len({tokens.create(TokenRequest(name="ci")).token for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "request_",
    [
        TokenRequest(name=""), TokenRequest(name=" a"), TokenRequest(name="a\n"), TokenRequest(name="a" * 129), TokenRequest(name="a", user=" "),
        TokenRequest(name="a", user="b\x1b[0m"), TokenRequest(name="a", expires_days=-1), TokenRequest(name="a", expires_days=99_999),
        TokenRequest(name="a", endpoints=()), TokenRequest(name="a", endpoints=("a b",)), TokenRequest(name="a", endpoints=("x",) * 65),
    ],
)  # fmt: skip
def test_senseless_requests(tokens, request_):
    """What makes no sense is refused, and nothing is kept."""
    with pytest.raises(BadRequest):
        tokens.create(request_)
    assert tokens.list() == []


def test_revoke(tokens):
    """A token is revoked by id or by name, once."""
    first, second = tokens.create(TokenRequest(name="a")).row, tokens.create(TokenRequest(name="b")).row
    assert tokens.revoke(first.id) == first
    assert tokens.revoke("b") == second
    with pytest.raises(NotFound, match="headgate token list"):
        tokens.revoke("b")
    with pytest.raises(BadRequest, match="revoked already"):
        tokens.revoke(first.id)
    with pytest.raises(NotFound):
        tokens.revoke("nobody")


def test_revoke_an_ambiguous_name(tokens):
    """Of several tokens of one name none is revoked by the name; the ids are told."""
    first, second = tokens.create(TokenRequest(name="a")).row, tokens.create(TokenRequest(name="a")).row
    with pytest.raises(BadRequest) as caught:
        tokens.revoke("a")
    assert first.id in caught.value.message
    assert second.id in caught.value.message
    tokens.revoke(first.id)
    assert tokens.revoke("a") == second


def test_first_admin(tokens, clock):
    """The first administrator's token is made once, and again only when none is left."""
    first = tokens.first_admin()
    assert first is not None
    assert "admin" in first.row.scopes
    assert tokens.first_admin() is None
    tokens.revoke(first.row.id)
    assert tokens.first_admin() is not None


def test_an_expired_admin_does_not_count(tokens, clock):
    """An administrator whose token has ended gets a new one at the next start."""
    tokens.create(TokenRequest(name="old admin", admin=True, expires_days=1))
    assert tokens.first_admin() is None
    clock.now_s += DAY_S
    assert tokens.first_admin() is not None


def test_sign_in_links(tokens, clock):
    """A link's secret works once within ten minutes, for the token that it was made for and for no other."""
    row = tokens.create(TokenRequest(name="a", user="ada@example.com")).row
    other = tokens.create(TokenRequest(name="b", user="ada@example.com")).row
    secret = tokens.sign_in_secret(row)
    assert len(secret.rpartition(".")[2]) >= 43
    assert not tokens.redeem(secret + "x")
    assert not tokens.redeem(secret.replace(row.id, other.id))
    assert tokens.redeem(secret) == row.id
    assert not tokens.redeem(secret)
    late = tokens.sign_in_secret(row)
    clock.now_s += 600
    assert not tokens.redeem(late)


def test_a_link_for_an_administrator(tokens, clock):
    """A link is made for the administrator that is named, else for the one whose live token is the oldest; for nobody else."""
    tokens.create(TokenRequest(name="laptop", user="eve@example.com"))
    with pytest.raises(NotFound, match="No live token is there with the scope admin"):
        tokens.sign_in_link("http://127.0.0.1:8484")
    tokens.create(TokenRequest(name="ended", user="ada@example.com", admin=True, expires_days=1))
    clock.now_s += DAY_S
    first = tokens.create(TokenRequest(name="first", user="ben@example.com", admin=True)).row
    clock.now_s += 1
    tokens.create(TokenRequest(name="second", user="cleo@example.com", admin=True))
    link = tokens.sign_in_link("https://gate.example/")
    address, _, secret = link.url.partition("?t=")
    assert (address, link.user, link.expires_at_ms) == ("https://gate.example/login", "ben@example.com", (clock.now_s + 600) * 1000)
    assert tokens.redeem(secret) == first.id
    assert tokens.sign_in_link("http://127.0.0.1:8484", "cleo@example.com").user == "cleo@example.com"
    for user in ("ada@example.com", "eve@example.com"):
        with pytest.raises(NotFound, match="has no live token"):
            tokens.sign_in_link("http://127.0.0.1:8484", user)
    with pytest.raises(BadRequest):
        tokens.sign_in_link("gate.example")

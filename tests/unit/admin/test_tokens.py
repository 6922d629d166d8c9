"""The use-cases of tokens and sign-in links."""

import pytest

from headgate.admin.token_ports import LIVE_MAX, TokenChange, TokenPage
from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import TokenAdmin
from headgate.core.errors import BadRequest, Forbidden, NotFound, Unauthenticated
from headgate.policy.authenticate import TokenTable, authenticate, parse_token
from tests.fakes.state import MemoryState

PEPPER = b"p" * 32
DAY_S = 86_400
ALL = ("inference", "telemetry", "sql", "admin")


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
    created = tokens.create(TokenRequest(name="ada's laptop", user="ada@example.com", scopes=ALL, endpoints=("claude-*",), lifetime_s=30 * DAY_S))
    assert parse_token(created.token) == created.token
    assert created.row.last4 == created.token[-4:]
    assert created.row.expires_at_ms == (clock.now_s + 30 * DAY_S) * 1000
    token = authenticated(tokens, created.token, clock.now_s)
    assert (token.id, token.name, token.principal.name) == (created.row.id, "ada's laptop", "ada@example.com")
    assert (token.principal.scopes, token.endpoints) == (frozenset({"inference", "telemetry", "sql", "admin"}), ("claude-*",))


@pytest.mark.parametrize("name", ["admins", "Account Users", "headgate", "\uff21\uff24\uff2d\uff29\uff2e\uff33"])
def test_reserved_names(tokens, name):
    """Nobody is named like a group or like Headgate, by the token's name or by the user's; a token of such a name that is somebody else's is no harm."""
    for request in (TokenRequest(name=name), TokenRequest(name="t", user=name), TokenRequest(name=name, scopes=ALL)):
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
        TokenRequest(name="a", user="b\x1b[0m"), TokenRequest(name="a", lifetime_s=-1), TokenRequest(name="a", lifetime_s=99_999 * DAY_S),
        TokenRequest(name="a", endpoints=("a b",)), TokenRequest(name="a", endpoints=("x",) * 65), TokenRequest(name="a", scopes=("all-apis",)),
        TokenRequest(name="a", networks=("10.0.0.0/33",)), TokenRequest(name="a", networks=("here",)), TokenRequest(name="a", networks=("::/0",) * 65),
        TokenRequest(name="a", user="b", service_principal="c"),
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
    with pytest.raises(NotFound, match="revoked already"):
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
    tokens.create(TokenRequest(name="old admin", scopes=ALL, lifetime_s=DAY_S))
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
    """A link is made for the user that is named, by the token that may do most, else for the administrator whose live token is the oldest."""
    laptop = tokens.create(TokenRequest(name="laptop", user="eve@example.com")).row
    with pytest.raises(NotFound, match="No live token has the scope admin"):
        tokens.sign_in_link("http://127.0.0.1:8484")
    tokens.create(TokenRequest(name="ended", user="ada@example.com", scopes=ALL, lifetime_s=DAY_S))
    clock.now_s += DAY_S
    first = tokens.create(TokenRequest(name="first", user="ben@example.com", scopes=ALL)).row
    clock.now_s += 1
    tokens.create(TokenRequest(name="second", user="cleo@example.com", scopes=ALL))
    link = tokens.sign_in_link("https://gate.example/")
    address, _, secret = link.url.partition("?t=")
    assert (address, link.user, link.expires_at_ms) == ("https://gate.example/login", "ben@example.com", (clock.now_s + 600) * 1000)
    assert tokens.redeem(secret) == first.id
    assert tokens.sign_in_link("http://127.0.0.1:8484", "cleo@example.com").user == "cleo@example.com"
    member = tokens.sign_in_link("http://127.0.0.1:8484", "eve@example.com")
    assert (member.user, tokens.redeem(member.url.partition("?t=")[2])) == ("eve@example.com", laptop.id)
    for user in ("ada@example.com", "nemo@example.com"):
        with pytest.raises(NotFound, match="has no live token"):
            tokens.sign_in_link("http://127.0.0.1:8484", user)
    with pytest.raises(BadRequest):
        tokens.sign_in_link("gate.example")


@pytest.fixture
def ada(tokens, clock):
    """A narrow token of an ordinary user."""
    made = tokens.create(
        TokenRequest(
            name="laptop", user="ada", scopes=("inference", "sql"), endpoints=("claude-*", "gpt-5"), networks=("10.0.0.0/8",), lifetime_s=10 * DAY_S
        )
    )
    return authenticated(tokens, made.token, clock.now_s)


@pytest.fixture
def root(tokens, clock):
    """An administrator's token."""
    return authenticated(tokens, tokens.create(TokenRequest(name="root", scopes=ALL)).token, clock.now_s)


def test_a_user_makes_a_token_like_the_own_one(tokens, ada):
    """What is left open is as the caller's own token has it; the row says who made it."""
    row = tokens.create(TokenRequest(name="second", lifetime_s=DAY_S), ada).row
    assert (row.principal.name, row.created_by) == ("ada", "ada")
    assert (row.scopes, row.endpoints, row.networks) == (("inference", "sql"), ("claude-*", "gpt-5"), ("10.0.0.0/8",))


def test_a_user_makes_a_narrower_token(tokens, ada):
    """Fewer scopes, endpoints and networks."""
    request = TokenRequest(name="n", scopes=("sql",), endpoints=("claude-opus-*",), networks=("10.1.0.0/16", "10.2.0.1"), lifetime_s=10 * DAY_S)
    row = tokens.create(request, ada).row
    assert (row.scopes, row.endpoints, row.networks) == (("sql",), ("claude-opus-*",), ("10.1.0.0/16", "10.2.0.1"))


@pytest.mark.parametrize(
    "more",
    [
        {"scopes": ("inference", "admin")}, {"scopes": ("telemetry",)}, {"endpoints": ("*",)}, {"endpoints": ("claude-*", "g*")}, {"endpoints": ("gpt-5*",)},
        {"networks": ("0.0.0.0/0",)}, {"networks": ("10.0.0.0/8", "192.0.2.1")}, {"networks": ("::/0",)}, {"lifetime_s": 0}, {"lifetime_s": 11 * DAY_S},
        {"user": "eve"}, {"service_principal": "sp"},
    ],
)  # fmt: skip
def test_no_token_gives_more_than_it_has(tokens, ada, more):
    """Neither scopes, endpoints, networks nor time, nor a token of another principal; nothing is kept."""
    before = tokens.list()
    with pytest.raises(Forbidden) as refused:
        tokens.create(TokenRequest(**({"name": "more", "lifetime_s": DAY_S} | more)), ada)
    assert refused.value.code == "PERMISSION_DENIED"
    assert tokens.list() == before


def test_an_administrator_makes_tokens_for_everyone(tokens, root):
    """For a user who may be new, for itself by default; not for a group, which has none, nor for an unknown service principal."""
    assert tokens.create(TokenRequest(name="for eve", user="eve"), root).row.principal.name == "eve"
    mine = tokens.create(TokenRequest(name="another"), root).row
    assert (mine.principal.name, mine.scopes, mine.created_by) == ("root", ("inference", "telemetry", "sql"), "root")
    with pytest.raises(NotFound, match="No service principal"):
        tokens.create(TokenRequest(name="x", service_principal="eve"), root)


def test_a_principal_has_a_bounded_number_of_live_tokens(tokens, clock):
    """Tokens that have ended do not count."""
    for number in range(LIVE_MAX):
        tokens.create(TokenRequest(name=f"t{number}", user="ada", lifetime_s=DAY_S))
    with pytest.raises(BadRequest) as refused:
        tokens.create(TokenRequest(name="one more", user="ada"))
    assert refused.value.code == "QUOTA_EXCEEDED"
    tokens.create(TokenRequest(name="another's", user="eve"))
    clock.now_s += DAY_S
    tokens.create(TokenRequest(name="one more", user="ada"))


def test_a_user_sees_and_changes_only_the_own_tokens(tokens, ada, root):
    """Another's token is as unknown as one that is not there."""
    other = tokens.create(TokenRequest(name="other", user="eve")).row
    assert [row.principal.name for row in tokens.list(ada)] == ["ada"]
    assert {row.principal.name for row in tokens.list(root)} == {"ada", "eve", "root"}
    assert [row.id for row in tokens.own(ada)] == [ada.id]
    for act in (
        lambda: tokens.get(other.id, ada),
        lambda: tokens.revoke(other.id, ada),
        lambda: tokens.change(other.id, TokenChange(name="mine"), ada),
        lambda: tokens.rotate(other.id, 0, ada),
        lambda: tokens.revoke("", ada),
    ):
        with pytest.raises(NotFound):
            act()
    assert tokens.revoke(ada.id, ada).id == ada.id
    assert tokens.own(ada) == []


def test_a_token_is_changed(tokens, ada, root):
    """Its name freely, its rights down; an administrator gives it other endpoints and networks, but no further scope."""
    row = tokens.change(ada.id, TokenChange(name="desk", scopes=("sql",), endpoints=("gpt-5",), networks=("10.9.0.0/16",)), ada)
    assert (row.name, row.scopes, row.endpoints, row.networks) == ("desk", ("sql",), ("gpt-5",), ("10.9.0.0/16",))
    for change in (TokenChange(endpoints=("*",)), TokenChange(networks=("10.0.0.0/8",)), TokenChange(networks=())):
        with pytest.raises(Forbidden):
            tokens.change(ada.id, change, ada)
    assert tokens.change(ada.id, TokenChange(endpoints=("*",), networks=()), root).endpoints == ("*",)
    with pytest.raises(BadRequest, match="Nothing to change"):
        tokens.change(ada.id, TokenChange(), root)
    for change in (TokenChange(scopes=("sql", "inference")), TokenChange(scopes=()), TokenChange(name=""), TokenChange(endpoints=())):
        with pytest.raises(BadRequest):
            tokens.change(ada.id, change, root)
    tokens.revoke(ada.id)
    with pytest.raises(NotFound):
        tokens.change(ada.id, TokenChange(name="late"), root)


def test_rotation_overlaps(tokens, clock):
    """The successor has name, rights and lifetime; both work until the overlap ends, and the old one has another name by then."""
    old = tokens.create(TokenRequest(name="ci", scopes=("inference",), endpoints=("claude-*",), networks=("10.0.0.0/8",), lifetime_s=30 * DAY_S))
    clock.now_s += 20 * DAY_S
    new = tokens.rotate("ci", DAY_S)
    assert new.token != old.token
    assert (new.row.name, new.row.scopes, new.row.endpoints, new.row.networks) == ("ci", ("inference",), ("claude-*",), ("10.0.0.0/8",))
    assert new.row.expires_at_ms == (clock.now_s + 30 * DAY_S) * 1000
    assert tokens.get("ci").id == new.row.id
    assert tokens.get(old.row.id).name == "ci (rotated)"
    for token in (old.token, new.token):
        assert authenticated(tokens, token, clock.now_s + DAY_S - 1).principal.name == "ci"
    with pytest.raises(Unauthenticated):
        authenticated(tokens, old.token, clock.now_s + DAY_S)


def test_rotation_without_overlap_and_without_end(tokens, clock):
    """The old one ends at once; a token without an end has a successor without one. An overlap never makes the old one live longer."""
    old = tokens.create(TokenRequest(name="ci"))
    new = tokens.rotate(old.row.id, 0)
    assert new.row.expires_at_ms == 0
    with pytest.raises(Unauthenticated):
        authenticated(tokens, old.token, clock.now_s)
    with pytest.raises(NotFound, match="expired"):
        tokens.rotate(old.row.id, 0)
    short = tokens.create(TokenRequest(name="short", lifetime_s=60)).row
    tokens.rotate(short.id, DAY_S)
    assert tokens.get(short.id).expires_at_ms == short.expires_at_ms
    with pytest.raises(BadRequest):
        tokens.rotate(new.row.id, 31 * DAY_S)


def test_a_user_rotates_the_token_it_presents(tokens, ada, clock):
    """To the end that it had, and no other token, which might have more rights."""
    wide = tokens.create(TokenRequest(name="wide", user="ada")).row
    with pytest.raises(Forbidden, match="rotates itself"):
        tokens.rotate(wide.id, 0, ada)
    clock.now_s += DAY_S
    row = tokens.rotate(ada.id, 0, ada).row
    assert (row.expires_at_ms, row.created_by) == (int(ada.expires_at_s * 1000), "ada")


def test_no_token_for_a_group_of_the_file(clock):
    """A name that the configuration file gives a group is no user's."""
    tokens = TokenAdmin(MemoryState(), PEPPER, clock, lambda: {"contractors"})
    with pytest.raises(BadRequest, match="'contractors' is a group of the configuration file"):
        tokens.create(TokenRequest(name="t", user="contractors"))
    assert tokens.create(TokenRequest(name="contractors", user="ada")).row.principal.name == "ada"


def test_pages_of_tokens(tokens, ada, root):
    """An administrator sees all, anyone else their own, whatever is asked for; only administrators see how others use theirs."""
    other = tokens.create(TokenRequest(name="bob's", user="bob")).row
    assert [row.name for row in tokens.page(TokenPage(search="bob"), root)] == ["bob's"]
    assert {row.principal.name for row in tokens.page(TokenPage(principal_id=other.principal.id), ada)} == {ada.principal.name}
    assert tokens.uses([other.principal.id], root)[other.principal.id].live == 1
    with pytest.raises(Forbidden):
        tokens.uses([other.principal.id], ada)

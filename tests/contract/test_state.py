"""What every control state does, whatever it is kept in."""

from headgate.admin.token_ports import EndedSession, NewLink, NewToken, TokenChange, TokenPage, TokenUse
from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal


def new_token(number: int, user: str = "ada@example.com", **changed) -> NewToken:
    fields = {
        "id": f"tok_{number}",
        "name": f"token {number}",
        "principal": Principal(id=f"usr_{number}", name=user),
        "digest": bytes([number]) * 32,
        "last4": "abcd",
        "scopes": ("inference",),
        "endpoints": ("*",),
        "created_at_ms": 1_000 + number,
    }
    return NewToken(**(fields | changed))


def test_a_token_is_loaded(state):
    """A created token is found under its digest with all that it allows."""
    row = state.create_token(new_token(1, scopes=("inference", "admin"), endpoints=("claude-*", "gpt-5.2"), expires_at_ms=5_500))
    assert state.load_access()[1] == {
        b"\x01" * 32: AccessToken(
            id="tok_1", name="token 1",
            principal=Principal(id="usr_1", name="ada@example.com", scopes=frozenset({"inference", "admin"}), roles=frozenset({"member"})),
            endpoints=("claude-*", "gpt-5.2"), expires_at_s=5.5,
        )
    }  # fmt: skip
    assert state.list_tokens() == [row]
    assert (row.last4, row.expires_at_ms, row.revoked_at_ms) == ("abcd", 5_500, 0)


def test_one_principal_per_name(state):
    """The second token of a user belongs to the principal that is known already."""
    first = state.create_token(new_token(1))
    second = state.create_token(new_token(2))
    other = state.create_token(new_token(3, "hakan@example.com"))
    assert first.principal == second.principal == Principal(id="usr_1", name="ada@example.com")
    assert other.principal.id == "usr_3"


def test_tokens_are_listed_oldest_first(state):
    """Order is by time of creation, whatever the order of insertion."""
    state.create_token(new_token(2))
    state.create_token(new_token(1))
    assert [row.id for row in state.list_tokens()] == ["tok_1", "tok_2"]


def test_revoked_tokens_grant_nothing(state):
    """A revoked token stays in the list and leaves the grants; it is revoked once."""
    state.create_token(new_token(1))
    state.create_token(new_token(2))
    assert state.revoke_token("tok_1", 9_000)
    assert not state.revoke_token("tok_1", 9_001)
    assert not state.revoke_token("tok_9", 9_001)
    assert list(state.load_access()[1]) == [b"\x02" * 32]
    assert [row.revoked_at_ms for row in state.list_tokens()] == [9_000, 0]


def test_the_version_moves_with_every_change(state):
    """Whoever holds a snapshot notices each change, and nothing but changes."""
    seen = [state.version()]
    state.create_token(new_token(1))
    seen.append(state.version())
    state.revoke_token("tok_1", 9_000)
    seen.append(state.version())
    state.mint_sign_in_link(NewLink(digest=b"l" * 32, principal_id="usr_1", created_at_ms=1, expires_at_ms=10))
    seen.append(state.version())
    state.end_session(EndedSession(b"s" * 32, 10), 1)
    seen.append(state.version())
    state.ended_sessions()
    assert seen == sorted(set(seen))
    assert state.version() == state.load_access()[0] == seen[-1]


def test_a_link_is_redeemed_once(state):
    """A sign-in link works once, until it ends; unknown ones never do."""
    state.create_token(new_token(1))
    state.mint_sign_in_link(NewLink(digest=b"l" * 32, principal_id="usr_1", created_at_ms=1_000, expires_at_ms=2_000))
    state.mint_sign_in_link(NewLink(digest=b"m" * 32, principal_id="usr_1", created_at_ms=1_000, expires_at_ms=2_000))
    assert state.redeem_sign_in_link(b"x" * 32, 1_500) is None
    assert state.redeem_sign_in_link(b"l" * 32, 1_500) == Principal(id="usr_1", name="ada@example.com")
    assert state.redeem_sign_in_link(b"l" * 32, 1_500) is None
    assert state.redeem_sign_in_link(b"m" * 32, 2_000) is None


def test_ended_links_are_forgotten(state):
    """A new link sweeps out those that have ended."""
    state.create_token(new_token(1))
    for number in range(3):
        state.mint_sign_in_link(NewLink(digest=bytes([number]) * 32, principal_id="usr_1", created_at_ms=number, expires_at_ms=number + 1))
    assert state.redeem_sign_in_link(b"\x00" * 32, 0) is None
    assert state.redeem_sign_in_link(b"\x02" * 32, 2) is not None


def test_an_ended_session_is_stored_until_it_would_have_ended_by_itself(state):
    """The next sign-out deletes those whose time is over. A sign-out that is sent twice is one."""
    assert state.ended_sessions() == frozenset()
    for digest, ends_at_ms in ((b"a" * 32, 2_000), (b"b" * 32, 2_001), (b"b" * 32, 2_001)):
        state.end_session(EndedSession(digest, ends_at_ms), 1_000)
    assert state.ended_sessions() == {b"a" * 32, b"b" * 32}
    state.end_session(EndedSession(b"c" * 32, 9_000), 2_000)
    assert state.ended_sessions() == {b"b" * 32, b"c" * 32}


def test_networks_are_loaded_parsed(state):
    """A snapshot holds them as networks, the list as they were written."""
    row = state.create_token(new_token(1, networks=("10.0.0.0/8", "2001:db8::1")))
    (token,) = state.load_access().tokens.values()
    assert [str(network) for network in token.networks] == ["10.0.0.0/8", "2001:db8::1/128"]
    assert row.networks == state.list_tokens()[0].networks == ("10.0.0.0/8", "2001:db8::1")


def test_a_token_is_changed(state):
    """What is named is changed, in a live token; the rest stays."""
    state.create_token(new_token(1, created_by="root"))
    change = TokenChange(name="desk", scopes=("sql",), endpoints=("a",), networks=("10.0.0.1",), expires_at_ms=9_000)
    assert state.change_token("tok_1", change)
    assert state.change_token("tok_1", TokenChange(name="other"))
    (row,) = state.list_tokens()
    assert (row.name, row.scopes, row.endpoints, row.networks, row.expires_at_ms) == ("other", ("sql",), ("a",), ("10.0.0.1",), 9_000)
    assert row.created_by == "root"
    state.revoke_token("tok_1", 5)
    assert not state.change_token("tok_1", TokenChange(name="late"))
    assert not state.change_token("tok_9", change)


def test_a_token_is_replaced_or_not(state):
    """The old one is changed and the successor stored, or neither."""
    principal = state.create_token(new_token(1)).principal
    made = state.replace_token("tok_1", TokenChange(name="old"), new_token(2, principal=principal))
    assert [row.name for row in state.list_tokens()] == ["old", "token 2"]
    assert made == state.list_tokens()[1]
    state.revoke_token("tok_1", 5)
    assert state.replace_token("tok_1", TokenChange(name="x"), new_token(3, principal=principal)) is None
    assert len(state.list_tokens()) == 2


def test_a_principal_has_a_bounded_number_of_live_tokens(state):
    """Revoked and expired ones do not count."""
    assert state.create_token(new_token(1, expires_at_ms=1_003), 2) is not None
    assert state.create_token(new_token(2), 2) is not None
    assert state.create_token(new_token(4), 2) is not None
    assert state.create_token(new_token(5), 2) is None
    assert state.create_token(new_token(6, user="eve"), 2) is not None
    state.revoke_token("tok_2", 5)
    assert state.create_token(new_token(7), 2) is not None


def test_tokens_with_a_scope(state):
    """A listing is narrowed to the tokens that have it; a part of its name is no scope."""
    state.create_token(new_token(1))
    state.create_token(new_token(2, scopes=("inference", "admin")))
    assert [row.id for row in state.list_tokens(scope="inference")] == ["tok_1", "tok_2"]
    assert [row.id for row in state.list_tokens(scope="admin")] == ["tok_2"]
    assert state.list_tokens("usr_9", scope="admin") == state.list_tokens(scope="admi") == state.list_tokens(scope="%") == []


def test_tokens_of_one_principal_and_by_one_name(state):
    """A listing is narrowed by both."""
    state.create_token(new_token(1))
    state.create_token(new_token(2, name="tok_1"))
    state.create_token(new_token(3, user="eve"))
    assert [row.id for row in state.list_tokens("usr_1")] == ["tok_1", "tok_2"]
    assert [row.id for row in state.list_tokens(which="tok_1")] == ["tok_1", "tok_2"]
    assert [row.id for row in state.list_tokens("usr_3", "token 3")] == ["tok_3"]
    assert state.list_tokens("usr_3", "tok_1") == []


def test_service_principals_are_found(state):
    """By id and by name; a user is none."""
    bot = Principal(id="sp_1", name="bot", kind="SERVICE_PRINCIPAL")
    state.create_token(new_token(1))
    state.create_token(new_token(2, principal=bot))
    assert state.service_principal("sp_1") == state.service_principal("bot") == bot
    assert state.service_principal("usr_1") is state.service_principal("ada@example.com") is None


def test_last_uses_move_no_version(state):
    """The later of two times stays; an unknown token is none."""
    state.create_token(new_token(1))
    before = state.version()
    state.note_uses({"tok_1": 5_000, "tok_9": 1})
    state.note_uses({"tok_1": 4_000})
    state.note_uses({})
    assert [row.last_used_at_ms for row in state.list_tokens()] == [5_000]
    assert state.version() == before


def test_tokens_come_in_pages_the_newest_first(state):
    """After the last one of a page; searched by their names and their owners'; live ones alone where those are asked for."""
    for number, user in enumerate(("ada", "ben", "ada", "ben"), 1):
        made = new_token(number, user, created_at_ms=10 + number // 3, name=f"Token {number}", expires_at_ms=50 if number == 4 else 0)
        assert state.create_token(made) is not None
    every = state.page_of_tokens(TokenPage())
    assert [row.name for row in every] == ["Token 4", "Token 3", "Token 2", "Token 1"]
    last = every[1]
    assert [row.name for row in state.page_of_tokens(TokenPage(before_ms=last.created_at_ms, before_id=last.id, limit=1))] == ["Token 2"]
    assert [row.name for row in state.page_of_tokens(TokenPage(search="TOKEN 3"))] == ["Token 3"]
    assert [row.name for row in state.page_of_tokens(TokenPage(search="be", live_at_ms=60))] == ["Token 2"]
    assert [row.name for row in state.page_of_tokens(TokenPage(principal_id=every[0].principal.id))] == ["Token 4", "Token 2"]


def test_how_principals_use_their_tokens(state):
    """How many live ones, and the last use of any."""
    rows = [state.create_token(new_token(number, "ada", expires_at_ms=50 if number == 2 else 0)) for number in (1, 2)]
    state.note_uses({rows[1].id: 40})
    owner = rows[0].principal.id
    assert state.token_uses([owner, "nobody"], 60) == {owner: TokenUse(1, 40)}
    assert state.token_uses([owner], 45) == {owner: TokenUse(2, 40)}

"""What every control state does, whatever it is kept in."""

import pytest

from headgate.admin.token_ports import EndedSession, NewLink, NewToken
from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal
from headgate.storage.state.store import StateStore
from tests.fakes.state import MemoryState


@pytest.fixture(params=["memory", "sqlite"])
def state(request, tmp_path):
    """One fresh store of each kind."""
    if request.param == "memory":
        yield MemoryState()
        return
    store = StateStore(f"sqlite:///{tmp_path}/state.db")
    yield store
    store.close()


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

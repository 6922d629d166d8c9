"""Session cookies: worth as much as their token, ended by a sign-out, and not to be made up."""

from collections.abc import Iterable

import pytest

from headgate.core.access_token import AccessToken
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.routing.table import EndpointTable
from headgate.web.session import LIFETIME_S, Sessions, cookie_name, removal
from tests.fakes.ports import FakeClock
from tests.fakes.principals import administrator, token_of, user

PEPPER = b"p" * 32
LAPTOP = token_of(administrator("ada"), "tok_1", expires_at_s=1_900_000_000.0)


def snapshot(ended: Iterable[bytes] = (), *tokens: AccessToken) -> Snapshot:
    """The control state with these tokens, or with the laptop's alone."""
    return Snapshot(1, TokenTable({token.id.encode(): token for token in tokens or (LAPTOP,)}), EndpointTable([], []), frozenset(ended))


def sent(set_cookie: str) -> str:
    """The `cookie` header of a browser that was given this."""
    return set_cookie.partition(";")[0]


def found_token(sessions: Sessions, cookie: str, *, secure: bool) -> AccessToken | None:
    """The token of the session that this cookie names."""
    found = sessions.find(cookie, secure=secure)
    return None if found is None else found.token


@pytest.mark.parametrize("secure", [False, True])
def test_a_session_names_its_token_until_it_ends(secure: bool) -> None:
    """For half a day; the cookie is hidden from scripts and other sites, and over TLS it is sent over TLS alone."""
    clock = FakeClock()
    sessions = Sessions(PEPPER, clock, snapshot)
    cookie = sessions.issue(LAPTOP, secure=secure)
    assert found_token(sessions, f"other=1; {sent(cookie)}", secure=secure) is LAPTOP
    assert found_token(sessions, sent(cookie), secure=not secure) is None
    assert "; HttpOnly; SameSite=Strict" in cookie
    assert ("; Secure" in cookie, cookie.startswith("__Host-")) == (secure, secure)
    clock.now_s += LIFETIME_S
    assert found_token(sessions, sent(cookie), secure=secure) is None


def test_a_session_is_worth_what_its_token_is() -> None:
    """It yields the token's principal with its scopes as they are now, and nothing once the token is revoked or has expired."""
    clock, tokens = FakeClock(), [LAPTOP]
    sessions = Sessions(PEPPER, clock, lambda: snapshot((), *tokens))
    cookie = sent(sessions.issue(LAPTOP, secure=False))
    for now in (LAPTOP, token_of(user("ada"), "tok_1")):
        tokens[:] = [now]
        found = found_token(sessions, cookie, secure=False)
        assert found is not None
        assert found.principal is now.principal
    for now in (token_of(administrator("ada"), "tok_2"), token_of(administrator("ada"), "tok_1", expires_at_s=clock.wall_ns() / 1e9)):
        tokens[:] = [now]
        assert found_token(sessions, cookie, secure=False) is None


def test_a_sign_out_ends_one_session_wherever_its_cookie_is() -> None:
    """A copy of the cookie is worth nothing any more, in a later process too; another browser of the same person stays signed in."""
    ended: set[bytes] = set()
    clock = FakeClock()
    sessions = Sessions(PEPPER, clock, lambda: snapshot(ended))
    first, second = (sent(sessions.issue(LAPTOP, secure=False)) for _ in range(2))
    session = sessions.to_end(first, secure=False)
    assert session is not None
    assert session.ends_at_ms == clock.wall_ns() // 1_000_000 + LIFETIME_S * 1000
    assert found_token(sessions, first, secure=False) is LAPTOP
    ended.add(session.digest)
    for process in (sessions, Sessions(PEPPER, clock, lambda: snapshot(ended))):
        assert (found_token(process, first, secure=False), found_token(process, second, secure=False)) == (None, LAPTOP)
        assert process.to_end(first, secure=False) is None


def test_a_removed_cookie() -> None:
    """The browser is told to forget the cookie of this name at once."""
    for secure in (False, True):
        assert removal(secure=secure).startswith(f"{cookie_name(secure=secure)}=; ")
        assert "Max-Age=0" in removal(secure=secure)


@pytest.mark.parametrize(
    "value",
    ["", ".", "a.b", "a.b.c", "a.b.c.d", "a.b.\xe9", "\u0663.b.9999999999.\u0663", '"a.b.\\351"', "tok_1.9999999999.AAAA", "a" * 5000, "=;=;"],
)
def test_a_session_cannot_be_made_up(value: str) -> None:
    """Whatever a stranger sends is no session, and no failure of ours."""
    sessions = Sessions(PEPPER, FakeClock(), snapshot)
    assert found_token(sessions, f"{cookie_name(secure=False)}={value}", secure=False) is None
    assert sessions.to_end(f"{cookie_name(secure=False)}={value}", secure=False) is None


def test_another_key_and_another_token() -> None:
    """A changed token id and a cookie of another store are refused; a second cookie of the same name hides none that is good."""
    sessions = Sessions(PEPPER, FakeClock(), snapshot)
    good = sent(sessions.issue(LAPTOP, secure=False))
    assert None is found_token(sessions, good.replace("tok_1", "tok_2"), secure=False)
    assert not found_token(Sessions(b"q" * 32, FakeClock(), frozenset), good, secure=False)
    assert found_token(sessions, f"headgate_session=planted; {good}", secure=False) is LAPTOP

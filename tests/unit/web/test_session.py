"""Session cookies: worth as much as their token, ended by a sign-out, and not to be made up."""

import pytest

from headgate.web.session import LIFETIME_S, Sessions, cookie_name, removal
from tests.fakes.ports import FakeClock

PEPPER = b"p" * 32


def sent(set_cookie: str) -> str:
    """The `cookie` header of a browser that was given this."""
    return set_cookie.partition(";")[0]


@pytest.mark.parametrize("secure", [False, True])
def test_a_session_names_its_token_until_it_ends(secure: bool) -> None:
    """For half a day; the cookie is hidden from scripts and other sites, and over TLS it is sent over TLS alone."""
    clock = FakeClock()
    sessions = Sessions(PEPPER, clock, frozenset)
    cookie = sessions.issue("tok_1", secure=secure)
    assert sessions.token_id(f"other=1; {sent(cookie)}", secure=secure) == "tok_1"
    assert not sessions.token_id(sent(cookie), secure=not secure)
    assert "; HttpOnly; SameSite=Strict" in cookie
    assert ("; Secure" in cookie, cookie.startswith("__Host-")) == (secure, secure)
    clock.now_s += LIFETIME_S
    assert not sessions.token_id(sent(cookie), secure=secure)


def test_a_sign_out_ends_one_session_wherever_its_cookie_is() -> None:
    """A copy of the cookie is worth nothing any more, in a later process too; another browser of the same person stays signed in."""
    ended: set[bytes] = set()
    clock = FakeClock()
    sessions = Sessions(PEPPER, clock, lambda: ended)
    first, second = (sent(sessions.issue("tok_1", secure=False)) for _ in range(2))
    session = sessions.to_end(first, secure=False)
    assert session is not None
    assert session.ends_at_ms == clock.wall_ns() // 1_000_000 + LIFETIME_S * 1000
    assert sessions.token_id(first, secure=False) == "tok_1"
    ended.add(session.digest)
    for process in (sessions, Sessions(PEPPER, clock, lambda: ended)):
        assert (process.token_id(first, secure=False), process.token_id(second, secure=False)) == ("", "tok_1")
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
    sessions = Sessions(PEPPER, FakeClock(), frozenset)
    assert not sessions.token_id(f"{cookie_name(secure=False)}={value}", secure=False)
    assert sessions.to_end(f"{cookie_name(secure=False)}={value}", secure=False) is None


def test_another_key_and_another_token() -> None:
    """A changed token id and a cookie of another store are refused; a second cookie of the same name hides none that is good."""
    sessions = Sessions(PEPPER, FakeClock(), frozenset)
    good = sent(sessions.issue("tok_1", secure=False))
    assert not sessions.token_id(good.replace("tok_1", "tok_2"), secure=False)
    assert not Sessions(b"q" * 32, FakeClock(), frozenset).token_id(good, secure=False)
    assert sessions.token_id(f"headgate_session=planted; {good}", secure=False) == "tok_1"

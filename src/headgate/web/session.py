"""Browser sessions: a cookie with a token's id and an end time, signed with the pepper. It may do what that token may, and ends with it.

Nothing is stored of a session except that a sign-out has ended it. The caller stores that.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final, NamedTuple

from headgate.admin.token_ports import EndedSession
from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.exchange.snapshot import Snapshot

LIFETIME_S: Final = 12 * 3600
_NAME: Final = "headgate_session"


class _Session(NamedTuple):
    id: str
    token_id: str
    end_s: int


class OpenSession(NamedTuple):
    """A session that is valid now: the token that it acts as, and the text that proves that a form was made for this session."""

    token: AccessToken
    form_token: str


class Sessions:
    """Creates and reads session cookies. `secure`: the browser came over TLS. A cookie created over TLS is never sent in the clear.

    The snapshot has the live tokens and the sessions that a sign-out has ended.
    """

    def __init__(self, pepper: bytes, clock: Clock, snapshot: Callable[[], Snapshot]) -> None:
        self._pepper = pepper
        self._clock = clock
        self._snapshot = snapshot

    def issue(self, token: AccessToken, *, secure: bool) -> str:
        """The `set-cookie` value of a new session with this token: valid for half a day, hidden from scripts and from other sites."""
        payload = f"{secrets.token_urlsafe(12)}.{token.id}.{self._now_s() + LIFETIME_S}"
        return f"{cookie_name(secure=secure)}={payload}.{self._sign(payload)}; {_attributes(LIFETIME_S, secure=secure)}"

    def find(self, cookie_header: str, *, secure: bool) -> OpenSession | None:
        """The session of this cookie, if its token may still be used: the browser acts as the token's principal, with the token's scopes."""
        session = self._read(cookie_header, secure=secure)
        token = self._snapshot().tokens.live(session.token_id, self._clock.wall_ns() / 1e9) if session is not None else None
        return OpenSession(token, self._form_token(session.id)) if session is not None and token is not None else None

    def to_end(self, cookie_header: str, *, secure: bool) -> EndedSession | None:
        """What to store to end the session of this cookie and of all its copies. `None` without a session."""
        session = self._read(cookie_header, secure=secure)
        return EndedSession(self._digest(session.id), session.end_s * 1000) if session is not None else None

    def _read(self, cookie_header: str, *, secure: bool) -> _Session | None:
        for part in cookie_header.split(";"):
            name, _, value = part.strip().partition("=")
            session = self._verified(value) if name == cookie_name(secure=secure) else None
            if session is not None:
                return session
        return None

    def _verified(self, value: str) -> _Session | None:
        payload, _, signature = value.rpartition(".")
        # As bytes: `compare_digest` refuses text outside ASCII.
        if not hmac.compare_digest(signature.encode(), self._sign(payload).encode()):
            return None
        session_id, token_id, end_s = payload.split(".")  # signed by us, so it has our form
        session = _Session(session_id, token_id, int(end_s))
        return session if self._now_s() < session.end_s and self._digest(session.id) not in self._snapshot().ended_sessions else None

    def _sign(self, payload: str) -> str:
        mac = hmac.new(self._pepper, b"browser session\0" + payload.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    def _form_token(self, session_id: str) -> str:
        return hmac.new(self._pepper, b"form of a session\0" + session_id.encode(), hashlib.sha256).hexdigest()

    def _digest(self, session_id: str) -> bytes:
        return hmac.digest(self._pepper, b"ended session\0" + session_id.encode(), hashlib.sha256)

    def _now_s(self) -> int:
        return self._clock.wall_ns() // 1_000_000_000


def removal(*, secure: bool) -> str:
    """The `set-cookie` value that removes a session's cookie from the browser."""
    return f"{cookie_name(secure=secure)}=; {_attributes(0, secure=secure)}"


def cookie_name(*, secure: bool) -> str:
    """The prefix makes browsers accept the name only from this host, over TLS (RFC 6265bis 4.1.3.2)."""
    return f"__Host-{_NAME}" if secure else _NAME


def _attributes(age_s: int, *, secure: bool) -> str:
    return f"Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")

"""Signed-in browsers: a cookie that names a token and an end, signed with the pepper. It is worth as much as that token and ends with it.

What is stored is only which sessions were ended by a sign-out; a new process does not know them, the token and the end still count then.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final, NamedTuple

from headgate.core.clock import Clock

LIFETIME_S: Final = 12 * 3600
_NAME: Final = "headgate_session"


class _Session(NamedTuple):
    id: str
    token_id: str
    end_s: int


class Sessions:
    """Makes, reads and ends session cookies. `secure` says that the browser came over TLS; a cookie made there is never sent in the clear."""

    def __init__(self, pepper: bytes, clock: Clock) -> None:
        self._pepper = pepper
        self._clock = clock
        self._ended: dict[str, int] = {}  # by session id, until the time at which it would have ended by itself

    def issue(self, token_id: str, *, secure: bool) -> str:
        """The `set-cookie` value of a new session on this token: for half a day, hidden from scripts and from other sites."""
        payload = f"{secrets.token_urlsafe(12)}.{token_id}.{self._now_s() + LIFETIME_S}"
        return f"{cookie_name(secure=secure)}={payload}.{self._sign(payload)}; {_attributes(LIFETIME_S, secure=secure)}"

    def token_id(self, cookie_header: str, *, secure: bool) -> str:
        """The token that a valid session stands for, or empty. Whether that token still lives is the caller's question."""
        session = self._read(cookie_header, secure=secure)
        return session.token_id if session is not None else ""

    def end(self, cookie_header: str, *, secure: bool) -> str:
        """End the session of this cookie, wherever the cookie may be copied to. Returns the `set-cookie` value that removes it; empty without a session."""
        session, now_s = self._read(cookie_header, secure=secure), self._now_s()
        if session is None:
            return ""
        self._ended = {each: end_s for each, end_s in self._ended.items() if end_s > now_s} | {session.id: session.end_s}
        return f"{cookie_name(secure=secure)}=; {_attributes(0, secure=secure)}"

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
        return session if self._now_s() < session.end_s and session.id not in self._ended else None

    def _sign(self, payload: str) -> str:
        mac = hmac.new(self._pepper, b"browser session\0" + payload.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    def _now_s(self) -> int:
        return self._clock.wall_ns() // 1_000_000_000


def cookie_name(*, secure: bool) -> str:
    """The prefix makes browsers refuse the name from anybody but this host, over TLS (RFC 6265bis 4.1.3.2)."""
    return f"__Host-{_NAME}" if secure else _NAME


def _attributes(age_s: int, *, secure: bool) -> str:
    return f"Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")

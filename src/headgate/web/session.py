"""A signed-in browser: a cookie that names a principal and an end, signed with the pepper. Nothing is stored for it."""

import base64
import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie

COOKIE = "headgate_session"
LIFETIME_S = 12 * 3600


def issue(pepper: bytes, principal_id: str, now_s: float) -> str:
    """The `set-cookie` value that signs a browser in for half a day, unreadable to scripts and unsent from other sites."""
    payload = f"{principal_id}.{int(now_s) + LIFETIME_S}"
    return f"{COOKIE}={payload}.{_sign(pepper, payload)}; Path=/; Max-Age={LIFETIME_S}; HttpOnly; SameSite=Strict"


def read(pepper: bytes, cookie_header: str, now_s: float) -> str:
    """The principal id of a valid session cookie, or empty."""
    try:
        morsel = SimpleCookie(cookie_header).get(COOKIE)
    except CookieError:
        return ""
    payload, _, signature = (morsel.value if morsel is not None else "").rpartition(".")
    principal_id, _, end_s = payload.rpartition(".")
    if not principal_id or not hmac.compare_digest(signature, _sign(pepper, payload)):
        return ""
    return principal_id if end_s.isdigit() and now_s < int(end_s) else ""


def _sign(pepper: bytes, payload: str) -> str:
    mac = hmac.new(pepper, b"session\0" + payload.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

"""Access tokens by OAuth's client credentials (RFC 6749 section 4.4): Entra ID, Databricks, and any other server of tokens.

The client's id and secret go into `Authorization: Basic`, which every server must take (section 2.3.1).
"""

import asyncio
import base64
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.core.errors import UpstreamFailed
from headgate.core.headers import Headers
from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.exchange.ports import Deadlines, Upstream, UpstreamRequest
from headgate.upstream.logins.credential import HeldCredential, LoginFailed

_TIMEOUT_S = 7.0
_BYTES_MAX = 256 << 10
_LASTS_S = 600.0  # where the answer does not say


class _Answer(msgspec.Struct):
    access_token: str = ""
    expires_in: float | str | None = None  # some servers write a text
    error: str = ""


class OAuthSource:
    """Asks a token URL through the same upstream as exchanges: its proxy and its authorities count here too."""

    def __init__(self, login: PlatformLogin, name: str, upstream: Upstream, clock: Clock) -> None:
        parts = urlsplit(login.token_url)
        self._host = Provider(name=f"{name} (its sign-in)", dialect="", base_url=f"{parts.scheme}://{parts.netloc}")
        self._path = parts.path or "/"
        self._login = login
        self._upstream = upstream
        self._clock = clock

    async def fetch(self) -> HeldCredential:
        """A new token. Raises LoginFailed."""
        asked_s = self._clock.wall_ns() / 1e9
        answered: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        call = self._upstream.send(self._request(), _Gathered(answered))
        try:
            status, body = await answered
        except BaseException:
            call.cancel()
            raise
        try:
            found = msgspec.json.decode(body, type=_Answer)
        except msgspec.MsgspecError:
            found = _Answer()
        if status != 200 or not found.access_token:
            raise LoginFailed(f"{self._login.token_url} gave no token: it answered {status}{f' ({found.error[:64]})' if found.error else ''}")
        return HeldCredential(token=Secret(found.access_token), ends_at_s=asked_s + _seconds(found.expires_in))

    def _request(self) -> UpstreamRequest:
        login = self._login
        secret = "" if login.secret is None else login.secret.reveal()
        basic = base64.b64encode(f"{quote_plus(login.client_id)}:{quote_plus(secret)}".encode())
        form = {"grant_type": "client_credentials"} | ({"scope": login.scope} if login.scope else {})
        return UpstreamRequest(
            provider=self._host,
            method="POST",
            target=self._path,
            headers=[
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"accept", b"application/json"),
                (b"accept-encoding", b"identity"),
                (b"user-agent", b"headgate"),
                (b"authorization", b"Basic " + basic),
            ],
            body=urlencode(form).encode(),
            deadlines=Deadlines(_TIMEOUT_S, _TIMEOUT_S, _TIMEOUT_S),
        )


class _Gathered:
    """The sink of a small answer."""

    def __init__(self, answered: asyncio.Future[tuple[int, bytes]]) -> None:
        self._answered = answered
        self._status = 0
        self._body = b""

    def head(self, status: int, _headers: Headers) -> None:
        """The answer begins."""
        self._status = status

    def data(self, chunk: bytes) -> None:
        """A piece of it; what is too much is dropped, and the rest is no JSON then."""
        if len(self._body) < _BYTES_MAX:
            self._body += chunk

    def end(self) -> None:
        """The answer is complete."""
        if not self._answered.done():
            self._answered.set_result((self._status, self._body))

    def fail(self, error: UpstreamFailed) -> None:
        """There was no answer."""
        if not self._answered.done():
            self._answered.set_exception(LoginFailed(error.message))


def _seconds(lasts: float | str | None) -> float:
    try:
        found = _LASTS_S if lasts is None else float(lasts)
    except ValueError:
        return _LASTS_S
    return found if 0 < found < float("inf") else _LASTS_S

"""Access tokens of Google Cloud, by Google's own library (google-auth, the extra `headgate[vertex]`): of a file, of gcloud, or of the machine.

The library knows service accounts, users, workload identity federation and the metadata server. Its requests go through the proxy and the authorities of the
settings, as those to providers do; the metadata server is asked directly.
"""

import asyncio
import datetime as dt
import importlib
import json
import math
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.upstream.logins.credential import HeldCredential, LoginFailed
from headgate.upstream.settings import UpstreamSettings
from headgate.upstream.tls import client_context

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_TIMEOUT_S = 7.0
_BYTES_MAX = 1 << 20


class GoogleSource:
    """Asks for the tokens of one provider."""

    def __init__(self, login: PlatformLogin, settings: UpstreamSettings) -> None:
        self._login = login
        self._transport = GoogleTransport(settings)
        self._credentials: Any = None  # of google-auth

    async def fetch(self) -> HeldCredential:
        """A new token. Raises LoginFailed."""
        return await asyncio.to_thread(self._token)

    def _token(self) -> HeldCredential:
        """On a thread: the library reads files and waits for servers."""
        try:
            if self._credentials is None:
                self._credentials = self._loaded()
            self._credentials.refresh(self._transport)
        except Exception as error:
            raise LoginFailed(f"Google gave no token: {type(error).__name__}: {str(error)[:300]}") from error
        token, expiry = self._credentials.token, self._credentials.expiry
        if not token:
            raise LoginFailed("Google gave no token")
        ends_at_s = math.inf if expiry is None else expiry.replace(tzinfo=dt.UTC).timestamp()  # the library's times are UTC without a zone
        return HeldCredential(token=Secret(token), ends_at_s=ends_at_s)

    def _loaded(self) -> Any:  # ruff: ignore[any-type] the library is loaded only where it is needed
        auth = importlib.import_module("google.auth")
        if not self._login.file:
            return auth.default(scopes=_SCOPES, request=self._transport)[0]
        info = json.loads(Path(self._login.file).read_text(encoding="utf-8"))
        if info.get("type") == "service_account":
            accounts = importlib.import_module("google.oauth2.service_account")
            return accounts.Credentials.from_service_account_info(info, scopes=_SCOPES)
        return auth.load_credentials_from_dict(info, scopes=_SCOPES, request=self._transport)[0]


class GoogleAnswer(NamedTuple):
    """An answer as the library reads it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class GoogleTransport:
    """Sends the library's requests, in its shape of a transport: a call with a URL, a method, a body and headers."""

    def __init__(self, settings: UpstreamSettings) -> None:
        proxies = {} if settings.proxy_url is None else {"https": settings.proxy_url.reveal()}
        self._extra_ca_file = settings.extra_ca_file
        self._proxies = urllib.request.ProxyHandler(proxies)  # an empty one also keeps the environment's proxies away

    def __call__(
        self, url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None, **_more: object
    ) -> GoogleAnswer:
        """Send one request. Raises google.auth's TransportError where there is no answer."""
        secure = urllib.request.HTTPSHandler(context=client_context(self._extra_ca_file))
        opener = urllib.request.build_opener(self._proxies, secure)
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(url, data=data, headers=dict(headers or {}), method=method)  # ruff: ignore[suspicious-url-open-usage] -- Google's
        try:
            with opener.open(request, timeout=_TIMEOUT_S) as answer:
                return GoogleAnswer(answer.status, dict(answer.headers), answer.read(_BYTES_MAX))
        except urllib.error.HTTPError as error:
            with error:
                return GoogleAnswer(error.code, dict(error.headers), error.read(_BYTES_MAX))
        except OSError as error:
            raise importlib.import_module("google.auth.exceptions").TransportError(str(error)) from error

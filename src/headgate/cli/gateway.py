"""A gateway as commands ask it over HTTP: its address, the token to present, and its answers or refusals in words for people.

It sends the token to that address alone: it follows no redirect. What opens connections is imported late, because most commands ask no gateway.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from headgate import __version__
from headgate.core.errors import Forbidden, GatewayError, NotFound, Unauthenticated, Unavailable
from headgate.core.secret import Secret

TIMEOUT_S = 10.0
_ME = "/api/2.0/headgate/me"
_ME_SAYS = frozenset({"principal", "token", "gateway", "limits", "budgets"})


class Answered(msgspec.Struct, frozen=True):
    """An answer of HTTP, whatever its status."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class RemoteGateway(msgspec.Struct, frozen=True, kw_only=True):
    """Where a gateway is, and the token to present there. `signed_in` says that the token is the one of a login."""

    url: str
    token: Secret
    signed_in: bool = False

    def get(self, path: str, timeout_s: float = TIMEOUT_S) -> Any:  # ruff: ignore[any-type] what the JSON holds
        """GET a path of the workspace API. Raises GatewayError if there is no gateway, or for a refusal."""
        return self.ask("GET", path, None, timeout_s)

    def me(self, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """What the gateway says of the caller: `principal`, `token`, `gateway`, `limits`, `budgets`. Raises Unavailable for one that does not say that."""
        found = self.get(_ME, timeout_s)
        if not isinstance(found, dict) or not found.keys() >= _ME_SAYS:
            raise Unavailable(f"{self.url} is an older Headgate, which does not say who you are. Ask your Headgate administrator to upgrade it.")
        return found

    def ask(self, method: str, path: str, body: object = None, timeout_s: float = TIMEOUT_S) -> Any:  # ruff: ignore[any-type] what the JSON holds
        """Send a request to the workspace API, with a body as JSON where there is one. Raises GatewayError if there is no gateway, or for a refusal."""
        from headgate.cli.gateway_connection import exchange  # ruff: ignore[import-outside-top-level] see the module's head

        headers = {"authorization": f"Bearer {self.token.reveal()}", "accept": "application/json", "user-agent": f"headgate/{__version__}"}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["content-type"] = "application/json"
        answered = exchange(self.url, (method, path, headers, content), timeout_s)
        if 300 <= answered.status < 400:
            where = answered.headers.get("location", "another address")
            raise Unavailable(f"{self.url} redirects to {where}. Use the address that it redirects to.")
        try:
            found = json.loads(answered.body)
        except ValueError as error:
            raise Unavailable(f"What answers at {self.url} is not Headgate: status {answered.status}, and no JSON.") from error
        if answered.status != 200:
            message = found.get("message") if isinstance(found, dict) else ""
            raise self._refusal(answered.status, str(message or answered.reason))
        return found

    def _refusal(self, status: int, message: str) -> GatewayError:
        match status:
            case 401:
                again = f"Sign in again: `headgate login {self.url}`." if self.signed_in else "Check HEADGATE_TOKEN."
                return Unauthenticated(f"{self.url} does not accept your token: {message} {again}")
            case 403:
                return Forbidden(f"{self.url} does not allow this: {message}")
            case 404:
                return NotFound(message)
            case _:
                return GatewayError(f"{self.url} refused with status {status}: {message}", status=status)

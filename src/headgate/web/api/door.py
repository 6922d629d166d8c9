"""The workspace API's door: finds the route, authenticates on the headers, reads the body under its limit, and words refusals as Databricks does."""

import logging
from urllib.parse import parse_qsl

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.errors import Forbidden, GatewayError, TooLarge
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.core.scopes import PUBLIC
from headgate.exchange.headers import value_of
from headgate.exchange.ports import ClientStream
from headgate.web.api.routes import ApiRequest, ApiRoute, ApiTable
from headgate.web.asgi import ClientLeft, Receive, Scope, Send, client_address, client_stream, read_body
from headgate.web.authenticator import Authenticator
from headgate.web.proxies import base_url
from headgate.web.rare_log import RareLog

BODY_BYTES_MAX = 1 << 20  # a statement has at most 256 KiB, a table's columns not much more
PREFIXES = ("/api/", "/.well-known/")
_log = logging.getLogger("headgate.web")

# What a statement is told by its error class, an interface of objects is told by these.
_CODES = {
    "TABLE_OR_VIEW_NOT_FOUND": "TABLE_DOES_NOT_EXIST",
    "SCHEMA_NOT_FOUND": "SCHEMA_DOES_NOT_EXIST",
    "NO_SUCH_CATALOG_EXCEPTION": "CATALOG_DOES_NOT_EXIST",
    "TABLE_OR_VIEW_ALREADY_EXISTS": "TABLE_ALREADY_EXISTS",
    "INSUFFICIENT_PERMISSIONS": "PERMISSION_DENIED",
    "NOT_FOUND": "RESOURCE_DOES_NOT_EXIST",
    "BAD_REQUEST": "INVALID_PARAMETER_VALUE",
}
_BY_STATUS = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    409: "RESOURCE_CONFLICT",
    413: "REQUEST_TOO_LARGE",
    429: "REQUEST_LIMIT_EXCEEDED",
    501: "NOT_IMPLEMENTED",
    503: "TEMPORARILY_UNAVAILABLE",
}


class Api:
    """A bare ASGI callable for every path below `PREFIXES`."""

    def __init__(self, table: ApiTable, authenticator: Authenticator, public_url: str = "") -> None:
        self._table = table
        self._authenticator = authenticator
        self._public_url = public_url
        self._rare_log = RareLog(authenticator.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request_id = new_id("req", self._authenticator.clock.wall_ns())
        client, drive = client_stream(scope, receive, send)
        try:
            route, parameters = self._table.find(scope["method"], scope["path"])
            token = await self._admitted(route, scope)
            request = await self._request(scope, receive, token, parameters)
            answer = await route.call(request)
            _answer(client, 200, answer.content, answer.media, request_id)
        except GatewayError as error:
            _refuse(client, error, request_id)
        except ClientLeft:
            pass
        except Exception:  # ruff: ignore[blind-except] the server's edge: a bug is told as one, without its text, and logged with its id
            _log.exception("%s failed", request_id)
            _refuse(client, GatewayError("Headgate failed. Its log has the reason under this request's id.", code="INTERNAL_ERROR"), request_id)
        if drive is not None:
            await drive()

    async def _admitted(self, route: ApiRoute, scope: Scope) -> AccessToken | None:
        """The caller's token. One who is refused is logged, for nothing else keeps that; not the path, which is theirs to choose."""
        try:
            return await self._token(route, scope)
        except GatewayError as error:
            address = client_address(scope)
            text = "refused a request from %s to the workspace API: %d: %s"
            self._rare_log.warn((address, error.status, error.code), text, address, error.status, error.message.partition("\n")[0])
            raise

    async def _token(self, route: ApiRoute, scope: Scope) -> AccessToken | None:
        """The caller's token; none on a public route."""
        if route.access == PUBLIC:
            return None
        token = await self._authenticator.token(scope["headers"], address=client_address(scope))
        if route.access not in token.principal.scopes:
            raise Forbidden(f"This takes a token with the scope `{route.access}`.", code="PERMISSION_DENIED")
        return token

    async def _request(self, scope: Scope, receive: Receive, token: AccessToken | None, parameters: dict[str, str]) -> ApiRequest:
        headers: Headers = scope["headers"]
        stated = value_of(headers, b"content-length")
        if stated.isdigit() and int(stated) > BODY_BYTES_MAX:
            raise TooLarge(f"The request is larger than {BODY_BYTES_MAX} bytes, the limit here.", code="REQUEST_TOO_LARGE")
        return ApiRequest(
            token=token,
            parameters=parameters,
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            body=await read_body(receive, BODY_BYTES_MAX),
            base_url=base_url(scope, self._public_url),
        )


def envelope(error: GatewayError, request_id: str) -> dict[str, object]:
    """The body of a refusal, as Databricks' REST interface words it. Its clients choose their exception by `error_code`, then by the status."""
    own = error.code if error.code.isupper() else ""  # the codes of credentials are for the dialects
    return {
        "error_code": _CODES.get(own, own) or _BY_STATUS.get(error.status, "INTERNAL_ERROR"),
        "message": error.message,
        "details": [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": request_id, "serving_data": ""}],
    }


def _refuse(client: ClientStream, error: GatewayError, request_id: str) -> None:
    extra: Headers = []
    if error.retry_after_s is not None:
        extra.append((b"retry-after", b"%d" % max(1, round(error.retry_after_s))))
    _answer(client, error.status, msgspec.json.encode(envelope(error, request_id)), "application/json", request_id, extra)


def _answer(client: ClientStream, status: int, body: bytes, media: str, request_id: str, extra: Headers | None = None) -> None:
    own = request_id.encode()
    headers = [
        (b"content-type", media.encode()), (b"content-length", b"%d" % len(body)), (b"x-request-id", own), (b"x-databricks-request-id", own),
        (b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), *(extra or ()),
    ]  # fmt: skip
    client.start(status, headers)
    client.finish(body)

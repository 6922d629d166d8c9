"""The workspace API's service: finds the route, authenticates on the headers, reads the body under its limit, and words refusals as Databricks does."""

from functools import partial
from urllib.parse import parse_qsl

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.acting import Acting, acting_as
from headgate.core.audit_event import WORKSPACE
from headgate.core.errors import Forbidden, GatewayError, TooLarge
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.core.scopes import PUBLIC, opens
from headgate.exchange.headers import value_of
from headgate.exchange.ports import ClientStream
from headgate.policy.attribute import user_agent
from headgate.web.api.routes import ApiRequest, ApiRoute
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests, Sender
from headgate.web.edge import Answer, Edge, answer, check_size, retry_after
from headgate.web.path_table import PathTable
from headgate.web.proxies import base_url
from headgate.web.service import OnBody, Opened, Request

BODY_BYTES_MAX = 1 << 20  # a statement has at most 256 KiB, a table's columns not much more
PREFIXES = ("/api/", "/.well-known/")

# Statements report an error class; for the same errors, object interfaces report these.
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


class _Call(msgspec.Struct, frozen=True):
    """One request at this service."""

    request: Request
    stream: ClientStream
    request_id: str

    def answer(self, status: int, body: bytes, media: str, extra: Headers) -> Answer:
        """An answer with the headers that all of this service have."""
        own = self.request_id.encode()
        headers = [
            (b"content-type", media.encode()), (b"x-request-id", own), (b"x-databricks-request-id", own),
            (b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), *extra,
        ]  # fmt: skip
        return status, headers, body

    def worded(self, error: GatewayError) -> Answer:
        """The error as Databricks says it."""
        return self.answer(error.status, msgspec.json.encode(envelope(error, self.request_id)), "application/json", retry_after(error))


class Api:
    """The service of every path below `PREFIXES`."""

    def __init__(self, table: PathTable[ApiRoute], authenticator: Authenticator, public_url: str = "", denied: DeniedRequests | None = None) -> None:
        self._table = table
        self._authenticator = authenticator
        self._public_url = public_url
        self._denied = denied
        self._edge = Edge(authenticator.clock)

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Find the route and the caller. A token that the snapshot does not know is looked for in the store."""
        call = _Call(request, stream, new_id("req", self._authenticator.clock.wall_ns()))
        try:
            route, parameters = self._table.find(request.method, request.path)
            if route.access == PUBLIC:
                return self._accept(call, route, parameters, None)
            try:
                token = self._authenticator.known_token(request.headers, address=request.address)
            except GatewayError:
                return self._look_up(call, route, parameters)
            return self._admit(call, route, parameters, token)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return None

    async def _look_up(self, call: _Call, route: ApiRoute, parameters: dict[str, str]) -> OnBody | None:
        request = call.request
        try:
            token = await self._authenticator.token(request.headers, address=request.address)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._warn_of(call, error)
            self._refuse(call, error, route)
            return None
        return self._admit(call, route, parameters, token)

    def _admit(self, call: _Call, route: ApiRoute, parameters: dict[str, str], token: AccessToken) -> OnBody | None:
        """Go on with a caller who is known, if its token has the route's scope. A refused caller is logged, because nothing else records it."""
        if opens(token.principal.scopes, route.access):
            return self._accept(call, route, parameters, token)
        held = ", ".join(sorted(token.principal.scopes)) or "none"
        error = Forbidden(f"This needs a token with the scope `{route.access}`; yours has {held}.", code="PERMISSION_DENIED")
        self._warn_of(call, error)
        self._refuse(call, error, route)
        return None

    def _accept(self, call: _Call, route: ApiRoute, parameters: dict[str, str], token: AccessToken | None) -> OnBody | None:
        request = call.request
        request.body_bytes_max = BODY_BYTES_MAX
        stated = value_of(request.headers, b"content-length")
        if stated.isdigit() and int(stated) > BODY_BYTES_MAX:
            error = TooLarge(f"The request is larger than {BODY_BYTES_MAX} bytes, the limit here.", code="REQUEST_TOO_LARGE")
            self._refuse(call, error, route)
            return None

        return partial(self._run, call, route, parameters, token)

    async def _run(self, call: _Call, route: ApiRoute, parameters: dict[str, str], token: AccessToken | None, body: bytes) -> None:
        request = call.request
        try:
            check_size(len(body), BODY_BYTES_MAX)
            asked = ApiRequest(
                token=token,
                parameters=parameters,
                query=dict(parse_qsl(request.query, keep_blank_values=True)),
                body=body,
                base_url=base_url(request, self._public_url),
            )
            with acting_as(_actor(call, token)):
                answered = await route.call(asked)
            answer(call.stream, *call.answer(answered.status, answered.content, answered.media, []))
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error, route)

    def _warn_of(self, call: _Call, error: Exception) -> None:
        if isinstance(error, GatewayError):
            self._edge.warn_of(error, call.request, call.request_id, "to the workspace API")

    def _refuse(self, call: _Call, error: Exception, route: ApiRoute | None = None) -> None:
        if self._denied is not None:
            request = call.request
            sender = Sender(request.headers, request.address, call.request_id)
            self._denied.tell(error, sender, WORKSPACE, f"{route.method} {route.path}" if route is not None else "")
        self._edge.refuse(call.stream, error, call.request_id, call.worded)


def _actor(call: _Call, token: AccessToken | None) -> Acting:
    return Acting(
        who=token.principal.name if token is not None else "",
        address=call.request.address,
        user_agent=user_agent(call.request.headers),
        request_id=call.request_id,
    )


def envelope(error: GatewayError, request_id: str) -> dict[str, object]:
    """The body of a refusal, as Databricks' REST interface words it. Its clients choose their exception by `error_code`, then by the status."""
    own = error.code if error.code.isupper() else ""  # the codes of credentials are for the dialects
    return {
        "error_code": _CODES.get(own, own) or _BY_STATUS.get(error.status, "INTERNAL_ERROR"),
        "message": error.message,
        "details": [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": request_id, "serving_data": ""}],
    }

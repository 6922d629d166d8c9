"""A row of the workspace API's table: method, path pattern, who may call it, and what answers; and what a call is given and gives."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.errors import BadRequest
from headgate.core.json_reading import read_json
from headgate.core.principal import Principal


class ApiRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request, read whole. `token` is the caller's; a public route has none."""

    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = b""
    base_url: str = ""
    token: AccessToken | None = None

    @property
    def caller(self) -> AccessToken:
        """The caller's token, on a route that is not public."""
        if self.token is None:
            raise RuntimeError("a public route has asked for its caller")
        return self.token

    @property
    def principal(self) -> Principal:
        """The caller, on a route that is not public."""
        return self.caller.principal

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty one is an empty object."""
        value = read_json(self.body or b"{}")
        if not isinstance(value, dict):
            raise BadRequest("The body is not a JSON object.", code="MALFORMED_REQUEST")
        return value

    def read(self, shape: type[msgspec.Struct]) -> Any:  # ruff: ignore[any-type] - an instance of `shape`
        """The body as a value of this shape; what the shape does not name is left alone."""
        try:
            return msgspec.convert(self.json(), shape, strict=False)
        except msgspec.ValidationError as error:
            raise BadRequest(f"The body does not fit: {error}", code="INVALID_PARAMETER_VALUE") from error

    def flag(self, name: str) -> bool:
        """Whether a query parameter says yes."""
        return self.query.get(name, "").lower() in {"true", "1"}


class ApiAnswer(msgspec.Struct, frozen=True):
    """A body and what it is. An object is encoded as JSON."""

    body: object = {}
    media: str = "application/json"
    status: int = 200

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


ApiCall = Callable[[ApiRequest], Awaitable[ApiAnswer]]


class ApiRoute(msgspec.Struct, frozen=True):
    """One row."""

    method: str
    path: str
    access: str  # a scope, or PUBLIC
    call: ApiCall

"""The table of the workspace API's routes: method, path pattern, who may call it, and what answers. A route without an access rule does not start.

A pattern's `{name}` stands for one segment of a path. Paths are matched whole and by their segments, so that no spelling reaches another route.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.errors import BadRequest, NotFound
from headgate.core.json_reading import read_json
from headgate.core.principal import Principal
from headgate.core.scopes import check_access

_Tree = dict[str, Any]
_ANY, _HERE = "{}", "\0"  # no segment of a path is either of them


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
        """Who asks, on a route that is not public."""
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


class ApiTable:
    """Look-up by method and path. Built once; raises ValueError at start for a route without an access rule, or two in one place."""

    def __init__(self, routes: Iterable[ApiRoute]) -> None:
        self._routes = tuple(routes)
        self._tree: _Tree = {}
        for route in self._routes:
            check_access(f"route {route.method} {route.path}", route.access)
            self._add(route)

    def find(self, method: str, path: str) -> tuple[ApiRoute, dict[str, str]]:
        """The route and the values of its pattern. Raises `NotFound`, with 405 where the path exists with another method."""
        place, values = self._tree, []
        for segment in path.split("/")[1:]:
            inner = place.get(segment) if segment not in {_ANY, _HERE} else None
            if inner is None and segment:
                inner = place.get(_ANY)
                values.append(segment)
            if inner is None:
                raise NotFound(f"No API found for '{method} {path}'.", code="ENDPOINT_NOT_FOUND")
            place = inner
        methods: dict[str, ApiRoute] = place.get(_HERE, {})
        if not methods:
            raise NotFound(f"No API found for '{method} {path}'.", code="ENDPOINT_NOT_FOUND")
        if method not in methods:
            raise NotFound(f"{method} is not served on {path}; {', '.join(sorted(methods))} is.", status=405, code="METHOD_NOT_ALLOWED")
        return methods[method], dict(zip(_names(methods[method].path), values, strict=True))

    def __iter__(self) -> Iterator[ApiRoute]:
        """Every route once, for tests that call each of them."""
        return iter(self._routes)

    def _add(self, route: ApiRoute) -> None:
        place = self._tree
        for segment in route.path.split("/")[1:]:
            place = place.setdefault(_ANY if segment.startswith("{") else segment, {})
        methods = place.setdefault(_HERE, {})
        if route.method in methods:
            raise ValueError(f"two routes for {route.method} {route.path}")
        methods[route.method] = route


def _names(path: str) -> list[str]:
    return [segment[1:-1] for segment in path.split("/") if segment.startswith("{")]

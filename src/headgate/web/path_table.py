"""Routes by method and path pattern. A route without an access rule does not start.

A pattern's `{name}` stands for one segment of a path. Paths are matched whole and by their segments, so that no spelling reaches another route.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from headgate.core.errors import NotFound
from headgate.core.scopes import check_access

_Tree = dict[str, Any]
_ANY, _HERE = "{}", "\0"  # no segment of a path is either of them


class Row(Protocol):
    """What every route says: how it is asked for, and the scope that a caller needs, or that it is public."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The pattern of its paths."""

    @property
    def access(self) -> str:
        """A scope, or `PUBLIC`."""


_Row = TypeVar("_Row", bound=Row)


class PathTable(Generic[_Row]):
    """Look-up by method and path. Built once; raises ValueError at start for a route without an access rule, or two in one place."""

    def __init__(self, routes: Iterable[_Row]) -> None:
        self._routes = tuple(routes)
        self._tree: _Tree = {}
        for route in self._routes:
            check_access(f"route {route.method} {route.path}", route.access)
            self._add(route)

    def find(self, method: str, path: str) -> tuple[_Row, dict[str, str]]:
        """The route and the values of its pattern. Raises `NotFound`, with 405 where the path exists with another method."""
        methods, values = self.at(path)
        if not methods:
            raise NotFound(f"No API found for '{method} {path}'.", code="ENDPOINT_NOT_FOUND")
        if method not in methods:
            raise NotFound(f"{method} is not served on {path}; {', '.join(sorted(methods))} is.", status=405, code="METHOD_NOT_ALLOWED")
        return methods[method], dict(zip(_names(methods[method].path), values, strict=True))

    def at(self, path: str) -> tuple[dict[str, _Row], list[str]]:
        """The routes of a path by their methods, and the values of its pattern; no routes where the path is unknown."""
        place, values = self._tree, []
        for segment in path.split("/")[1:]:
            inner = place.get(segment) if segment not in {_ANY, _HERE} else None
            if inner is None and segment:
                inner = place.get(_ANY)
                values.append(segment)
            if inner is None:
                return {}, []
            place = inner
        return place.get(_HERE, {}), values

    def __iter__(self) -> Iterator[_Row]:
        """Every route once."""
        return iter(self._routes)

    def _add(self, route: _Row) -> None:
        place = self._tree
        for segment in route.path.split("/")[1:]:
            place = place.setdefault(_ANY if segment.startswith("{") else segment, {})
        methods = place.setdefault(_HERE, {})
        if route.method in methods:
            raise ValueError(f"two routes for {route.method} {route.path}")
        methods[route.method] = route


def _names(path: str) -> list[str]:
    return [segment[1:-1] for segment in path.split("/") if segment.startswith("{")]

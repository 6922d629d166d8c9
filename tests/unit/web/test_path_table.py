"""Routes by method and path pattern."""

import pytest

from headgate.core.errors import NotFound
from headgate.web.api.routes import ApiAnswer, ApiRoute
from headgate.web.path_table import PathTable


async def answer(_request):
    return ApiAnswer()


TABLE = PathTable([
    ApiRoute("GET", "/api/things", "inference", answer),
    ApiRoute("POST", "/api/things", "admin", answer),
    ApiRoute("POST", "/api/things/", "admin", answer),
    ApiRoute("GET", "/api/things/{name}", "inference", answer),
    ApiRoute("GET", "/api/things/{name}/exists", "inference", answer),
    ApiRoute("GET", "/api/things/own/exists", "public", answer),
    ApiRoute("GET", "/api/{kind}/{name}/all", "inference", answer),
])


@pytest.mark.parametrize(
    ("method", "path", "pattern", "values"),
    [
        ("GET", "/api/things", "/api/things", {}),
        ("POST", "/api/things", "/api/things", {}),
        ("POST", "/api/things/", "/api/things/", {}),
        ("GET", "/api/things/main.default.t", "/api/things/{name}", {"name": "main.default.t"}),
        ("GET", "/api/things/a b/exists", "/api/things/{name}/exists", {"name": "a b"}),
        ("GET", "/api/things/own/exists", "/api/things/own/exists", {}),
        ("GET", "/api/other/x/all", "/api/{kind}/{name}/all", {"kind": "other", "name": "x"}),
    ],
)
def test_find(method, path, pattern, values):
    """A path is matched whole; its own words win over names."""
    route, found = TABLE.find(method, path)
    assert (route.method, route.path, found) == (method, pattern, values)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/things/a/b", "/api/things//exists", "/other", "/api/things/a/exists/", "/api/\0"])
def test_nothing_there(path):
    """Every other spelling is nothing."""
    with pytest.raises(NotFound) as missing:
        TABLE.find("GET", path)
    assert (missing.value.status, missing.value.code) == (404, "ENDPOINT_NOT_FOUND")


def test_another_method():
    """A path that is there with other methods says which."""
    with pytest.raises(NotFound, match="GET, POST") as refused:
        TABLE.find("DELETE", "/api/things")
    assert refused.value.status == 405


def test_a_table_that_must_not_start():
    """A route that does not say who may call it, and two in one place."""
    with pytest.raises(ValueError, match="does not say who"):
        PathTable([ApiRoute("GET", "/api/x", "", answer)])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two routes"):
        PathTable([ApiRoute("GET", "/api/{a}", "public", answer), ApiRoute("GET", "/api/{b}", "public", answer)])

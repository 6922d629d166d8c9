"""The table of the workspace API's routes."""

import msgspec
import pytest

from headgate.core.errors import BadRequest, NotFound
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute, ApiTable


async def answer(_request):
    return ApiAnswer()


TABLE = ApiTable([
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
        ApiTable([ApiRoute("GET", "/api/x", "", answer)])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two routes"):
        ApiTable([ApiRoute("GET", "/api/{a}", "public", answer), ApiRoute("GET", "/api/{b}", "public", answer)])


def test_bodies():
    """An object fits its shape or is refused; nothing is an empty object."""

    class Shape(msgspec.Struct):
        name: str
        size: int = 1

    def request(body: bytes) -> ApiRequest:
        return ApiRequest(parameters={}, query={"force": "TRUE", "no": "0"}, body=body)

    assert request(b'{"name": "a", "size": "7", "more": 1}').read(Shape) == Shape("a", 7)
    assert request(b"").json() == {}
    for body in (b"[]", b"nothing", b"{", b'"x"'):
        with pytest.raises(BadRequest):
            request(body).json()
    for body in (b"{}", b'{"name": 7}'):
        with pytest.raises(BadRequest, match="does not fit"):
            request(body).read(Shape)
    assert (request(b"").flag("force"), request(b"").flag("no"), request(b"").flag("none")) == (True, False, False)

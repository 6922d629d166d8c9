"""What a call of the workspace API is given."""

import msgspec
import pytest

from headgate.core.errors import BadRequest
from headgate.web.api.routes import ApiRequest


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

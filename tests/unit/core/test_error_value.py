"""Refusals on their way between processes."""

import msgspec
import pytest

from headgate.core.error_value import ErrorValue
from headgate.core.errors import BadRequest, Forbidden, GatewayError, NotFound, Unavailable


@pytest.mark.parametrize("kind", [BadRequest, Forbidden, NotFound, Unavailable])
def test_a_refusal_comes_out_as_it_went_in(kind):
    """Class, words, status, code and the time to try again."""
    error = kind("why", status=418, code="CODE", retry_after_s=2.0)

    came = msgspec.msgpack.decode(msgspec.msgpack.encode(ErrorValue.of(error)), type=ErrorValue).error()

    assert type(came) is kind
    assert (came.message, came.status, came.code, came.retry_after_s) == ("why", 418, "CODE", 2.0)


def test_a_kind_without_a_class_of_its_own_keeps_its_kind():
    """The dialects read it."""
    error = GatewayError("why")
    error.kind = "limit_exceeded"

    came = ErrorValue.of(error).error()

    assert (type(came), came.kind) == (GatewayError, "limit_exceeded")

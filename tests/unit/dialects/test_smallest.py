"""The smallest request of each dialect."""

import pytest

from headgate.dialects.registry import CLIENTS
from headgate.dialects.smallest import smallest_request
from headgate.web.routes import GATEWAY_ROUTES


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_it_is_one_that_the_face_reads(name):
    """With the model where the dialect has it, and a bound of the output."""
    operation = next(
        route.operation for route in GATEWAY_ROUTES if route.dialect == name and route.operation is not None and route.operation.generates
    )
    asked = CLIENTS[name].read(smallest_request(name, "opus"), operation, "opus")
    assert (asked.model, CLIENTS[name].output_tokens_max(asked)) == ("opus", 1_000)

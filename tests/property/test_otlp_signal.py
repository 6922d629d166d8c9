"""No body passes as an export of two signals."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from headgate.core.errors import BadRequest
from headgate.telemetry.otlp import which_signal
from headgate.telemetry.otlp.wire import varint
from tests.fakes import exports

SIGNALS = ("metrics", "logs", "spans")
WIRES = {
    0: st.integers(0, 2**64 - 1).map(varint),
    1: st.binary(min_size=8, max_size=8),
    2: st.binary(max_size=20).map(lambda text: varint(len(text)) + text),
    5: st.binary(min_size=4, max_size=4),
}


def wrapped(content: bytes, number: int = 2) -> bytes:
    """A message inside of another."""
    return varint(number << 3 | 2) + varint(len(content)) + content


@st.composite
def fields(draw):
    """A field of any number that an item has, with a value of any wire type."""
    wire = draw(st.sampled_from(list(WIRES)))
    return varint(draw(st.integers(1, 17)) << 3 | wire) + draw(WIRES[wire])


ITEMS = st.lists(fields(), max_size=6).map(b"".join)
BODIES = st.lists(ITEMS, max_size=3).map(lambda items: wrapped(wrapped(b"".join(wrapped(item) for item in items)), 1))


@given(BODIES | st.binary(max_size=60))
@example(exports.metrics())
@example(exports.logs())
@example(exports.spans())
def test_no_body_passes_as_two(body):
    """Whatever the fields of its items are; and what is recognised is what passed."""
    passing = [signal for signal in SIGNALS if which_signal._passes(signal, body)]
    told = []
    with contextlib.suppress(BadRequest):
        told.append(which_signal.signal_of("application/x-protobuf", body))

    assert len(passing) <= 1
    assert told == passing

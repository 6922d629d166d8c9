"""Protobuf's wire format."""

import pytest

from headgate.telemetry.otlp.wire import Malformed, read_field, read_varint, varint


def test_varint():
    """Protobuf's variable-length numbers, there and back."""
    numbers = (0, 127, 128, 300, 2**64 - 1)
    assert [varint(number) for number in numbers[:4]] == [b"\x00", b"\x7f", b"\x80\x01", b"\xac\x02"]
    assert [read_varint(varint(number), 0)[0] for number in numbers] == list(numbers)


@pytest.mark.parametrize(
    ("field", "found"),
    [(b"\x0a\x02ab", (0x0A, 2, 4)), (b"\x08\xac\x02", (0x08, 1, 3)), (b"\x09" + bytes(8), (0x09, 1, 9)), (b"\x0d" + bytes(4), (0x0D, 1, 5))],
)
def test_a_field_ends_where_its_wire_type_says(field, found):
    """A text, a number, eight bytes, four bytes."""
    assert read_field(field + b"rest", 0) == found


@pytest.mark.parametrize("data", [b"", b"\x0a", b"\x0a\x7fab", b"\x0b", b"\xff" * 11, b"\x09abc"])
def test_what_breaks_off_is_malformed(data):
    """So is a wire type that nobody uses any more."""
    with pytest.raises(Malformed):
        read_field(data, 0)

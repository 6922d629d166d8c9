"""The bytes of a frame."""

from headgate.storage.journal.frames import HEADER, pack_frame


def test_a_frame_has_its_length_its_checksum_its_number_and_its_kind_before_its_body():
    """Little-endian, and always the same: segments of earlier releases are read by the same rule."""
    frame = pack_frame(7, 2, b"body")

    assert frame == bytes.fromhex("0d00000014c72bf2070000000000000002") + b"body"
    assert HEADER.unpack_from(frame)[0] == len(frame) - 8

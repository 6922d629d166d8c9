"""Frames between pool and worker."""

import io

import msgspec
import pytest

from headgate.storage.query.frames import LENGTH, encode, read_exactly
from headgate.storage.query.worker_messages import Job, View


def test_a_frame_is_its_length_and_its_value():
    """What is written is read again."""
    job = Job(sql="SELECT 1", views=(View("v", "t", "a", "b", "tail", b"x"),), paths=("/a",), row_limit=1, byte_limit=2)
    stream = io.BytesIO(encode(job))

    (length,) = LENGTH.unpack(read_exactly(stream.read, LENGTH.size))

    assert msgspec.msgpack.decode(read_exactly(stream.read, length), type=Job) == job
    with pytest.raises(EOFError):
        read_exactly(stream.read, 1)

"""Identifiers that sort by time."""

import os
import uuid

import pytest

from headgate.core.ids import new_id, new_uuid

NOW_NS = 1_700_000_000_123_456_789


def test_ids_sort_by_time():
    """A later id is a larger text, whatever its random part."""
    ids = [new_id("req", NOW_NS + step * 1_000_000) for step in range(50)]
    assert ids == sorted(ids)
    assert len({new_id("req", NOW_NS) for _ in range(1_000)}) == 1_000


def test_a_uuid_is_one_of_version_7():
    """The UUID says its version and its time."""
    made = uuid.UUID(new_uuid(NOW_NS))
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, NOW_NS // 1_000_000)
    assert new_id("x", NOW_NS)[2:14] == made.hex[:12]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_a_forked_process_gives_out_other_ids():
    """What was drawn before the fork is not used on both sides of it."""
    new_id("req", NOW_NS)
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write_fd, new_id("req", NOW_NS).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    with os.fdopen(read_fd, "rb") as told:
        os.close(write_fd)
        theirs = told.read().decode()

    assert theirs.startswith("req_")
    assert theirs not in {new_id("req", NOW_NS) for _ in range(1_000)}

"""Identifiers that sort by time."""

import uuid

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

"""Which exports were acknowledged of late."""

from headgate.core.errors import Unavailable
from headgate.telemetry.seen_exports import SeenExports, digest
from tests.fakes.records import FakeClock


def done(seen, key):
    """An export is acknowledged."""
    seen.begin(key, lambda trouble: None)
    seen.end(key, None)


def test_an_export_is_known_by_table_signal_and_body():
    """The same bytes for another table are another export."""
    keys = {digest("t", "logs", b"x"), digest("u", "logs", b"x"), digest("t", "spans", b"x"), digest("t", "logs", b"y"), digest("tl", "ogs", b"x")}

    assert len(keys) == 5
    assert digest("t", "logs", b"x") in keys


def test_an_export_counts_once_it_is_kept():
    """While it is being kept another hears of the same end; a failure is no acknowledgement."""
    seen, heard = SeenExports(FakeClock()), []
    assert not seen.join(b"a", heard.append)
    seen.begin(b"a", heard.append)
    assert seen.join(b"a", heard.append)
    assert (seen.is_done(b"a"), heard) == (False, [])
    seen.end(b"a", None)
    assert (seen.is_done(b"a"), seen.join(b"a", heard.append), heard) == (True, False, [None, None])

    trouble = Unavailable("EIO")
    seen.begin(b"b", heard.append)
    seen.end(b"b", trouble)
    assert (seen.is_done(b"b"), seen.join(b"b", heard.append), heard[2:]) == (False, False, [trouble])


def test_the_window_is_bounded_in_time_and_number():
    """What is older is another export."""
    clock = FakeClock(0)
    seen = SeenExports(clock, keep_s=10, entries_max=3)
    done(seen, b"a")
    clock.now_ns = 10_000_000_000
    assert seen.is_done(b"a")
    clock.now_ns += 1
    assert not seen.is_done(b"a")
    for key in (b"b", b"c", b"d", b"e"):
        done(seen, key)

    assert len(seen) == 3
    assert not seen.is_done(b"b")
    assert seen.is_done(b"e")


def test_what_an_earlier_process_acknowledged_is_recalled():
    """Old entries go first, and those too old are not taken in."""
    clock = FakeClock(100_000_000_000)
    seen = SeenExports(clock, keep_s=10)
    done(seen, b"new")
    seen.recall([(b"old", 1), (b"late", 95_000_000_000)])

    assert [seen.is_done(key) for key in (b"old", b"late", b"new")] == [False, True, True]
    assert len(seen) == 2

"""Which exports were acknowledged of late."""

import asyncio

from headgate.telemetry.seen import SeenExports, digest
from tests.fakes.records import FakeClock


def done(seen, key):
    """An export is acknowledged."""
    kept = asyncio.get_running_loop().create_future()
    seen.begin(key, kept)
    kept.set_result(1)
    return asyncio.sleep(0)


def test_an_export_is_known_by_table_signal_and_body():
    """The same bytes for another table are another export."""
    keys = {digest("t", "logs", b"x"), digest("u", "logs", b"x"), digest("t", "spans", b"x"), digest("t", "logs", b"y"), digest("tl", "ogs", b"x")}

    assert len(keys) == 5
    assert digest("t", "logs", b"x") in keys


async def test_an_export_counts_once_it_is_kept():
    """While it is being kept another waits for the same end; a failure is no acknowledgement."""
    seen = SeenExports(FakeClock())
    kept = asyncio.get_running_loop().create_future()
    seen.begin(b"a", kept)
    assert (seen.is_done(b"a"), seen.under_way(b"a")) == (False, kept)
    kept.set_result(1)
    await asyncio.sleep(0)
    assert (seen.is_done(b"a"), seen.under_way(b"a")) == (True, None)

    failing = asyncio.get_running_loop().create_future()
    seen.begin(b"b", failing)
    failing.set_exception(OSError())
    await asyncio.sleep(0)
    assert (seen.is_done(b"b"), seen.under_way(b"b")) == (False, None)


async def test_the_window_is_bounded_in_time_and_number():
    """What is older is another export."""
    clock = FakeClock(0)
    seen = SeenExports(clock, keep_s=10, entries_max=3)
    await done(seen, b"a")
    clock.now_ns = 10_000_000_000
    assert seen.is_done(b"a")
    clock.now_ns += 1
    assert not seen.is_done(b"a")
    for key in (b"b", b"c", b"d", b"e"):
        await done(seen, key)

    assert len(seen) == 3
    assert not seen.is_done(b"b")
    assert seen.is_done(b"e")


async def test_what_an_earlier_process_acknowledged_is_recalled():
    """Old entries go first, and those too old are not taken in."""
    clock = FakeClock(100_000_000_000)
    seen = SeenExports(clock, keep_s=10)
    await done(seen, b"new")
    seen.recall([(b"old", 1), (b"late", 95_000_000_000)])

    assert [seen.is_done(key) for key in (b"old", b"late", b"new")] == [False, True, True]
    assert len(seen) == 2

"""Silence is counted in time in which the counting process ran too."""

import pytest

from headgate.app.silence import LoopLag, Silence


def test_silence_adds_up_until_something_is_heard():
    """Then it begins anew, and its length is told."""
    watch = Silence(100.0)
    steps = [watch.look(100.0 + step / 10, heard=False) for step in range(1, 15)]
    silent_s = watch.silent_s
    ended_s = watch.look(101.5, heard=True)

    assert steps == [0.0] * 14
    assert silent_s == pytest.approx(1.4)
    assert ended_s == pytest.approx(1.4)
    assert watch.silent_s == 0


def test_a_machine_that_slept_is_no_fault_of_the_process():
    """An hour in which the supervisor did not run either counts as one step."""
    watch = Silence(100.0)
    watch.look(3700.0, heard=False)

    assert watch.silent_s == pytest.approx(0.5)


def test_a_loop_that_was_blocked_sees_so_afterwards():
    """For a while; a little lateness is no standstill."""
    lag = LoopLag(1.0, 600.0)
    for now_s in (100.0, 100.25, 101.2, 101.45):
        lag.beat(now_s)
    little = lag.blocked_s(101.5)
    lag.beat(105.2)

    assert little == 0
    assert lag.blocked_s(106.0) == pytest.approx(3.75)
    assert lag.blocked_s(805.3) == 0

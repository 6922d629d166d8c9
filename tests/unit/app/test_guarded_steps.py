"""A step that fails is logged once, told while it lasts, and ends nothing."""

import logging

from headgate.app.guarded_steps import GuardedSteps
from headgate.core.errors import Unavailable
from tests.fakes.ports import FakeClock


def run(guards, *errors):
    """The step once for each: failing with it, or well for `None`."""
    for error in errors:
        with guards.step("counting"):
            if error is not None:
                raise error


def test_a_failure_is_logged_once_until_it_is_over_and_then_that_it_is(caplog):
    """Twice a second for an hour would be seven thousand tracebacks."""
    clock = FakeClock()
    guards = GuardedSteps(clock)
    run(guards, OSError("gone"), OSError("gone"), OSError("gone too"))
    during = guards.failing()
    run(guards, None, None)

    assert during == ["counting: OSError: gone too"]
    assert guards.failing() == []
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "counting failed, and is tried again: OSError: gone"),
        ("WARNING", "counting works again"),
    ]
    assert caplog.records[0].exc_info


def test_another_kind_of_failure_is_logged_too(caplog):
    """It may be the more important one."""
    run(GuardedSteps(FakeClock()), OSError("gone"), ValueError("odd"))

    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == ["gone", "odd"]


def test_a_step_that_fails_every_other_time_does_not_fill_the_log(caplog):
    """The same failure is logged at most once a minute."""
    clock = FakeClock()
    guards = GuardedSteps(clock)
    run(guards, *[OSError("gone"), None] * 20)
    within = sum(record.levelno == logging.ERROR for record in caplog.records)
    clock.now_s += 61
    run(guards, OSError("gone"))

    assert (within, sum(record.levelno == logging.ERROR for record in caplog.records)) == (1, 2)


def test_a_refusal_of_ours_is_logged_by_its_message_alone(caplog):
    """A store that is locked is no bug: no traceback."""
    run(GuardedSteps(FakeClock()), Unavailable("The store is locked."))

    assert caplog.records[0].getMessage().endswith("The store is locked.")
    assert not caplog.records[0].exc_info


def test_the_time_since_a_success_counts_from_the_beginning():
    """A step that has never come to an end is late as well."""
    clock = FakeClock()
    guards = GuardedSteps(clock)
    guards.begin("counting")
    clock.now_s += 7
    before = guards.done_s_ago("counting")
    run(guards, None)

    assert (before, guards.done_s_ago("counting")) == (7.0, 0.0)

"""Warnings that anybody can cause."""

import pytest

from headgate.web.rare_log import RareLog
from tests.fakes.ports import FakeClock


def test_each_kind_once_in_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    """Other kinds do not wait for it, and after ten seconds it is told again."""
    clock = FakeClock()
    rare_log = RareLog(clock)
    for kind in ("a", "a", "b"):
        rare_log.warn(kind, "kind %s", kind)
    assert caplog.messages == ["kind a", "kind b"]
    clock.now_s += 10
    rare_log.warn("a", "again")
    assert caplog.messages[-1] == "again"


def test_fields_are_for_a_log_of_json(caplog: pytest.LogCaptureFixture) -> None:
    """They are not in the text."""
    RareLog(FakeClock()).warn("a", "text", fields={"request_id": "req_1"})

    assert (caplog.messages, caplog.records[0].request_id) == (["text"], "req_1")  # type: ignore[attr-defined] # a field of this record


def test_all_kinds_together_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """Who varies the kind gets twenty lines in ten seconds, then the number of those that were left out; its memory is bounded too."""
    clock = FakeClock()
    rare_log = RareLog(clock)
    for kind in range(1000):
        rare_log.warn(kind, "kind %d", kind)
    assert len(caplog.messages) == 20
    clock.now_s += 10
    rare_log.warn("later", "later")
    assert caplog.messages[20:] == ["980 more refusals were not logged", "later"]
    for _ in range(1000):
        clock.now_s += 1
        rare_log.warn(clock.now_s, "another")
    assert len(rare_log._at_s) <= 200


def test_varied_kinds_make_nothing_forgotten_sooner(caplog: pytest.LogCaptureFixture) -> None:
    """A kind that was logged a moment ago is not logged again because a stranger filled the memory with others."""
    clock = FakeClock()
    rare_log = RareLog(clock)
    rare_log.warn("known", "known")
    for kind in range(1000):
        rare_log.warn(kind, "kind %d", kind)
    clock.now_s += 9
    rare_log.warn("known", "known")
    assert caplog.messages.count("known") == 1

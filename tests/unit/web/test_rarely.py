"""Warnings that anybody can cause."""

import pytest

from headgate.web.rarely import Rarely
from tests.fakes.ports import FakeClock


def test_each_kind_once_in_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    """Other kinds do not wait for it, and after ten seconds it is told again."""
    clock = FakeClock()
    rarely = Rarely(clock)
    for kind in ("a", "a", "b"):
        rarely.warn(kind, "kind %s", kind)
    assert caplog.messages == ["kind a", "kind b"]
    clock.now_s += 10
    rarely.warn("a", "again")
    assert caplog.messages[-1] == "again"


def test_what_it_remembers_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """Any number of kinds costs no memory; at worst something is told once more."""
    rarely = Rarely(FakeClock())
    for kind in range(1000):
        rarely.warn(kind, "kind %d", kind)
    assert len(caplog.messages) == 1000
    assert len(rarely._at_s) <= 200

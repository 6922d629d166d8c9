"""What is loaded beside the first requests."""

import logging

from headgate.app.later_loads import LaterLoads


def test_everything_is_loaded_in_order(caplog):
    """What fails is reported, and the others are loaded all the same."""
    loaded = []

    def fail():
        raise ImportError("no such list")

    loads = LaterLoads({"the first": lambda: loaded.append(1), "the second": fail, "the third": lambda: loaded.append(3)})
    with caplog.at_level(logging.ERROR, "headgate.app"):
        loads.begin()
        assert loads.wait(10.0)

    assert loaded == [1, 3]
    assert caplog.messages == ["the second could not be loaded yet"]

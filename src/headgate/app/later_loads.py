"""Loads what a serving process needs soon, but not to serve its first request: one thing after the other, on a thread of its own."""

import gc
import logging
import threading
from collections.abc import Callable, Mapping

_log = logging.getLogger("headgate.app")


class LaterLoads:
    """Begun once. What is needed before it is loaded here is loaded by the one who needs it."""

    def __init__(self, loads: Mapping[str, Callable[[], object]]) -> None:
        self._loads = loads
        self._thread = threading.Thread(target=self._run, name="loading", daemon=True)

    def begin(self) -> None:
        """Begin. Does not wait."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Whether everything is loaded within the time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        for name, load in self._loads.items():
            try:
                load()
            except Exception:  # ruff: ignore[blind-except] the one who needs it meets the same error, and reports it in its own words
                _log.exception("%s could not be loaded yet", name)
        gc.freeze()  # all of it stays to the end, so the collector need not look at it

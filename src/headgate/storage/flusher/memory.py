"""What bounds the memory of the flusher: the environment its native libraries read when they are loaded, and collecting garbage once a round.

delta-rs allocates with jemalloc, which by default keeps several arenas per core and returns freed pages late; its runtime starts a thread per core.
Each write also leaves Python objects in cycles that hold Arrow buffers, few enough that the interpreter would not look for them for hours.
"""

import gc
from collections.abc import Mapping

# Options: jemalloc(3), section TUNING. The name has the prefix with which delta-rs builds it (tikv-jemalloc-sys).
ENVIRONMENT: Mapping[str, str] = {
    "_RJEM_MALLOC_CONF": "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true",
    "TOKIO_WORKER_THREADS": "2",
}
"""Belongs into the environment before the process starts: both libraries read it only once."""


class Garbage:
    """Collects what a round left behind. Objects that live as long as the process are set aside after the first round, so that collecting stays cheap."""

    def __init__(self) -> None:
        self._set_aside = False

    def collect(self) -> None:
        """Free what nothing refers to any more."""
        gc.collect()
        if not self._set_aside:
            self._set_aside = True
            gc.freeze()

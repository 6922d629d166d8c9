"""How Headgate's processes are set up with the operating system and the interpreter: what ends them, their open files, memory and threads."""

import contextlib
import ctypes
import gc
import resource
import sys
from collections.abc import Generator

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_SWITCH_S = (
    0.0005  # how long another thread (the journal's, a read of the store) may hold the interpreter while the event loop wants it; 5 ms by default
)


def raise_open_files() -> int:
    """Raise the soft limit of open files (sockets and the journal's segments are some) to the hard one, if the system allows it. Returns the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some values that it reports itself
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft


@contextlib.contextmanager
def without_collector() -> Generator[None]:
    """Load what stays to the end. The collector would find nothing in it, and look at all of it again and again as it grows."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def prefer_event_loop() -> None:
    """Tune the interpreter for an event loop that lives long. Called once everything is loaded.

    What was loaded stays to the end, and an exchange leaves no cycles behind, so the collector need not look at either so often. It does not look at what was
    loaded even now: that would take a tenth of a second, and find a few kilobytes.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 20)
    sys.setswitchinterval(_SWITCH_S)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Have glibc keep the memory of a body of a few hundred KB for the next body, instead of returning it to the kernel and faulting it in again.

    That is half of what a long session's request costs. The memory is bounded: the free end of the heap, and no block above the second figure.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # other C libraries have no such call
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_M_TRIM_THRESHOLD, 32 << 20)
            mallopt(_M_MMAP_THRESHOLD, 4 << 20)

"""A child process that does not outlive its parent, nor what that was at."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # of prctl.h


def die_with(parent_pid: int) -> None:
    """Have the kernel end this process when its parent dies, however it dies. On other systems than Linux the child looks for itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before the kernel knew
        sys.exit(1)

"""The environment of Headgate's processes. The providers' keys are in the one that `headgate up` is given, and in no other.

The supervisor keeps what it was given in memory and hands it to each serving process over their link. It removes the rest from its own environment, also
from what `/proc/PID/environ` shows; its children are started without it.
"""

import ctypes
import os
from collections.abc import Iterable, Mapping

from headgate.storage.table_tasks.environment import table_environment

_VARIABLES = frozenset({"LOGNAME", "NO_COLOR", "SHELL", "TERM", "USER"})
_PREFIXES = ("LC_", "LD_", "MALLOC_", "GLIBC_", "FAKETIME", "_RJEM_MALLOC_CONF", "TOKIO_")


def child_environment(environ: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """The variables of the supervisor's children: how to run, and how object storage is reached. `keys` names variables that hold a provider's key."""
    kept = table_environment(environ)
    kept |= {name: value for name, value in environ.items() if name in _VARIABLES or name.startswith(_PREFIXES)}
    for name in keys:
        kept.pop(name, None)
    return kept


def forget_all_but(kept: Iterable[str]) -> None:
    """Remove all other variables from this process, and overwrite their values where the system placed them at its start."""
    getenv = getattr(ctypes.CDLL(None), "getenv", None)
    for name in set(os.environ) - set(kept):
        if getenv is not None:
            getenv.restype = ctypes.c_void_p
            place = getenv(os.fsencode(name))
            if place:
                ctypes.memset(place, 0, len(os.environb[os.fsencode(name)]))
        del os.environ[name]

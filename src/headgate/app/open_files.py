"""How many files a process may have open: the soft limit, raised to the hard one. Sockets are files, and so are the journal's segments."""

import contextlib
import resource


def raise_open_files() -> int:
    """Raise the soft limit to the hard one, as far as the system lets us. Returns the limit that holds then."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some values that it reports itself
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft

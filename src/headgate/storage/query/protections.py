"""Which protections of the sandbox the processes of SQL have on this machine. Says once in the log what is missing, and refuses where the sandbox is required."""

import logging
from collections.abc import Collection

from headgate.core.errors import Unavailable
from headgate.storage.query.sandbox import ALL

_LOG = logging.getLogger(__name__)
_MEANING = {
    "limits": "a bound on memory and on written files",
    "landlock": "no file but those of tables",
    "seccomp": "no network and no other program",
}


class Protections:
    """What the processes reported so far. `required` refuses to run anything in a process that lacks one."""

    def __init__(self, *, required: bool = False) -> None:
        self._required = required
        self.missing: tuple[str, ...] = ()

    def check(self, held: Collection[str]) -> None:
        """Note what a process reported. Raises `Unavailable` if it is not enough."""
        missing = tuple(name for name in ALL if name not in held)
        if missing and missing != self.missing:
            lacks = "; ".join(f"{name} ({_MEANING.get(name, name)})" for name in missing)
            _LOG.warning("the sandbox of SQL is incomplete on this machine; its processes lack: %s", lacks)
        self.missing = missing
        if missing and self._required:
            message = (
                f"SQL is not run: this machine lacks {', '.join(missing)} for the sandbox of queries, and sql.require_sandbox is set. "
                "Use a Linux kernel with Landlock and seccomp, or unset it."
            )
            raise Unavailable(message, code="SANDBOX_INCOMPLETE")

"""What the status line last heard from a gateway, in the user's cache directory: Claude Code asks for the line several times a minute.

A fresh answer is used again, and a gateway that did not answer is left alone for a while. Losing the file loses nothing.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from headgate.config.paths import user_cache_directory

FRESH_MS = 10_000
AWAY_MS = 15_000


class Heard(msgspec.Struct, frozen=True):
    """An answer and when it came, in wall-clock milliseconds, and when the gateway last failed to answer; 0 for never."""

    me: dict[str, Any] | None = None
    at_ms: int = 0
    failed_at_ms: int = 0

    def is_fresh(self, now_ms: int) -> bool:
        """Whether the answer may be used again without asking."""
        return self.me is not None and 0 <= now_ms - self.at_ms < FRESH_MS

    def is_away(self, now_ms: int) -> bool:
        """Whether the gateway failed to answer a moment ago."""
        return 0 <= now_ms - self.failed_at_ms < AWAY_MS


def recall(url: str, token_id: str, environ: Mapping[str, str]) -> Heard:
    """What was heard from this gateway by the caller with this token; nothing if the file is not there or cannot be read."""
    try:
        return msgspec.json.decode(_path(url, token_id, environ).read_bytes(), type=Heard)
    except (OSError, msgspec.MsgspecError):
        return Heard()


def remember(url: str, token_id: str, heard: Heard, environ: Mapping[str, str]) -> None:
    """Write it down, for this user alone. A directory that cannot be written is no trouble."""
    path = _path(url, token_id, environ)
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with open(number, "wb") as file:
            file.write(msgspec.json.encode(heard))
        os.replace(name, path)


def _path(url: str, token_id: str, environ: Mapping[str, str]) -> Path:
    key = hashlib.sha256(f"{url}\n{token_id}".encode()).hexdigest()[:16]
    return user_cache_directory(environ) / f"statusline-{key}.json"

"""Segments with something that could not be read, or of which no row could be made: a second name below `kept/`, for people to look at.

They are bounded: beyond `BYTES_MAX` the oldest are deleted, with a line in the log. Headgate never reads them again.
"""

import contextlib
import logging
import os
import shutil
from typing import NamedTuple

BYTES_MAX = 1 << 30

_DIR = "kept"
_LOG = logging.getLogger(__name__)


class SetAside(NamedTuple):
    """How many segments are set aside, and their size together."""

    segments: int = 0
    bytes: int = 0


def keep(journal: str, path: str) -> None:
    """Set a segment aside, once."""
    aside = os.path.join(journal, _DIR)
    os.makedirs(aside, mode=0o700, exist_ok=True)
    kept = os.path.join(aside, os.path.basename(path))
    if os.path.exists(kept):
        return
    try:
        os.link(path, kept)
    except OSError:  # a file system without links
        shutil.copyfile(path, kept)
    _drop_oldest(aside, os.path.basename(path))


def held(journal: str) -> SetAside:
    """What is set aside now."""
    sizes = _sizes(os.path.join(journal, _DIR))
    return SetAside(len(sizes), sum(sizes.values()))


def _sizes(aside: str) -> dict[str, int]:
    """The files by name, oldest first: a segment is named after its first number."""
    sizes = {}
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(aside)):
            with contextlib.suppress(FileNotFoundError):
                sizes[name] = os.stat(os.path.join(aside, name)).st_size
    return sizes


def _drop_oldest(aside: str, newest: str) -> None:
    sizes = _sizes(aside)
    too_much = sum(sizes.values()) - BYTES_MAX
    for name, size in sizes.items():
        if too_much <= 0:
            return
        if name != newest:
            _LOG.error("%s is deleted: segments set aside have more than %d MiB together", os.path.join(aside, name), BYTES_MAX >> 20)
            os.unlink(os.path.join(aside, name))
            too_much -= size

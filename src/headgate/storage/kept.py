"""Segments that hold something nobody could read: they get a second name under which they are never deleted."""

import os
import shutil

_DIR = "kept"


def keep(journal: str, path: str) -> None:
    """Keep a segment's file aside, once."""
    aside = os.path.join(journal, _DIR)
    os.makedirs(aside, mode=0o700, exist_ok=True)
    kept = os.path.join(aside, os.path.basename(path))
    if os.path.exists(kept):
        return
    try:
        os.link(path, kept)
    except OSError:  # a file system without links
        shutil.copyfile(path, kept)

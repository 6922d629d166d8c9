"""What a backup says of itself: the version of each table in it, and the size and checksum of each file. Also where in a backup's directory the files are.

A backup's directory holds `data/`, which is laid out as a data directory. A new copy is made as `data.new/` beside it and then takes its place, so a
backup that is interrupted leaves the one before.
"""

import os
from collections.abc import Mapping

import msgspec

from headgate.core.errors import BadRequest, NotFound
from headgate.storage.journal import journal_dir

MANIFEST_FILE = "backup.json"
DATA, NEW, OLD = "data", "data.new", "data.old"
ELSEWHERE = "elsewhere"  # below `data/`: tables that are not below the data directory
FORMAT = 1


class CopiedFile(msgspec.Struct, frozen=True):
    """A file of a backup."""

    bytes: int
    sha256: str


class CopiedTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table at one version. `folder` is its place below `data/`; empty where its files were not copied, for the reason `left_out`."""

    name: str
    location: str
    version: int | None = None
    rows: int = 0
    bytes: int = 0
    files: int = 0
    folder: str = ""
    left_out: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A whole backup. `source` is the data directory that it is of, `begun_at_ns` the moment before which everything that was acknowledged is in it."""

    format: int = FORMAT
    headgate: str
    source: str
    begun_at_ns: int
    tables: tuple[CopiedTable, ...]
    files: Mapping[str, CopiedFile]

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.bytes for file in self.files.values())


def write_manifest(folder: str, manifest: Manifest) -> None:
    """Write it, durably. With it, the folder is a backup."""
    journal_dir.write_durably(os.path.join(folder, MANIFEST_FILE), msgspec.json.format(msgspec.json.encode(manifest), indent=1))


def read_manifest(folder: str) -> Manifest | None:
    """The manifest of a folder; `None` where there is none. Raises `BadRequest` for one that this release does not understand."""
    path = os.path.join(folder, MANIFEST_FILE)
    try:
        with open(path, "rb") as file:
            found = msgspec.json.decode(file.read(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise BadRequest(f"{path} is damaged: {error}") from error
    if found.format != FORMAT:
        raise BadRequest(f"{path} has format {found.format}; this Headgate reads format {FORMAT}. Use the version that made it: {found.headgate}.")
    return found


def find_backup(place: str) -> tuple[str, Manifest] | None:
    """The folder of the newest whole backup in a backup's directory, and its manifest."""
    for name in (DATA, OLD):
        folder = os.path.join(place, name)
        manifest = read_manifest(folder)
        if manifest is not None:
            return folder, manifest
    return None


def require_backup(place: str) -> tuple[str, Manifest]:
    """The same. Raises `NotFound`."""
    found = find_backup(place)
    if found is None:
        raise NotFound(f"There is no backup at {place}: `headgate backup {place}` makes one.")
    return found

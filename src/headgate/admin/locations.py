"""The locations of tables: where a new one goes, and which locations a person may name. Resolves symbolic links, and opens no file.

A location that a person names could hold another table, or the control state: naming one could read around every privilege. So only administrators
may, and never a location that overlaps with one in use.
"""

import os
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.names import Name
from headgate.catalog.privileges import MANAGE
from headgate.config.schema import OBJECT_STORES
from headgate.core.errors import BadRequest
from headgate.core.principal import Principal

_LOCATION_CHARS_MAX = 1024
# A folder's name stays plain: escapes, globs and letters outside ASCII are read differently by one reader and the next.
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_SEGMENT_CHARS_MAX = 120
_KINDS = {"s3a": "s3", "abfs": "az", "abfss": "az"}  # schemes that reach the same objects
# Bucket or container and key; Azure writes container@account. No user and password, no query, no fragment.
_URL_REST = re.compile(r"[A-Za-z0-9._-]+(@[A-Za-z0-9.-]+)?(/[^?#]*)?")


class Locations:
    """`warehouse` is the root for tables without a LOCATION: an absolute path or an object-storage URL. `data_root` is Headgate's own directory."""

    def __init__(self, warehouse: str, data_root: str) -> None:
        self._warehouse = warehouse.rstrip("/")
        self._data_root = os.path.normpath(data_root)

    def of_new(self, snapshot: Catalog, name: Name, entry_id: str) -> str:
        """The location of a new table: its name, if that is free and every file system accepts it; otherwise with a part of its id."""
        root, parts = self._warehouse, name.parts
        for place in (name.parent, name.parent.parent):
            entry = snapshot.find(place)
            if entry is not None and entry.location:
                root, parts = entry.location.rstrip("/"), name.parts[len(place.parts) :]
                break
        segments = [_UNSAFE.sub("_", part)[:_SEGMENT_CHARS_MAX] for part in parts]
        location = "/".join((root, *segments))
        return location if segments == list(parts) and _free(snapshot, location) else aside(location, entry_id)

    def given(self, snapshot: Catalog, principal: Principal, location: str) -> str:
        """A location that a person named, as it is stored: an absolute path or a URL. Refused unless the person may name one and it is free. Reads the disk.

        Locations are compared resolved: symbolic links followed, escapes decoded, and the schemes of one object store treated as one.
        """
        snapshot.require(principal, MANAGE, snapshot.metastore.name)
        place = normal(location)
        real = _Real.of(place)
        if real.touches(_Real.of(self._data_root)):
            raise _refused(f"{location!r} lies in Headgate's own directory, or holds it.")
        if real.touches(_Real.of(self._warehouse)):
            raise _refused(f"{location!r} lies where Headgate puts tables that have no LOCATION.")
        _refuse_taken(location, real, snapshot.tables())
        return place

    def given_to_table(self, snapshot: Catalog, principal: Principal, location: str) -> str:
        """The same for a table, whose location must not overlap with the root of a catalog or schema either."""
        place = self.given(snapshot, principal, location)
        _refuse_taken(location, _Real.of(place), snapshot.containers())
        return place


def normal(location: str) -> str:
    """An absolute path of this machine without `file://`, or an object-storage URL, without a slash at the end."""
    text = location.strip()
    if not text or len(text) > _LOCATION_CHARS_MAX or not text.isprintable():
        raise _refused("it is empty, too long, or has characters that cannot be printed.")
    if text.startswith("file:"):
        parts = urlsplit(text)
        if parts.netloc not in {"", "localhost"}:
            raise _refused(f"{location!r} names another machine.")
        text = unquote(parts.path)
        if not text.isprintable():
            raise _refused("it has characters that cannot be printed.")
    if ".." in unquote(text).split("/"):
        raise _refused(f"{location!r} has a part `..`; write the place that it leads to.")
    scheme, found, rest = text.partition("://")
    if found:
        if scheme not in OBJECT_STORES or _URL_REST.fullmatch(rest) is None or not _is_plain(rest):
            raise _refused(f"{location!r} is none of {', '.join(f'{each}://…' for each in OBJECT_STORES)} or an absolute path.")
        return text.rstrip("/")
    if not os.path.isabs(text):
        raise _refused(f"{location!r} is not an absolute path.")
    return "/" + os.path.normpath(text).lstrip("/")  # two slashes at the start are kept as they are, and mean one


def _is_plain(rest: str) -> bool:
    """Whether no part of a URL's path is empty or a dot, in any spelling. Programs read such parts differently."""
    path = unquote(rest.rstrip("/"))
    return path.isprintable() and not {"", "."} & set(path.split("/")[1:])


def aside(location: str, entry_id: str) -> str:
    """A location next to one that is taken."""
    return f"{location}-{entry_id.replace('-', '')[-8:]}"


def url_of(location: str) -> str:
    """A location as other programs accept it: paths become `file://` URLs."""
    return PurePosixPath(location).as_uri() if location.startswith("/") else location


def _free(snapshot: Catalog, location: str) -> bool:
    return not any(_touch(location, entry.location) for entry in snapshot.tables() if entry.location)


def _touch(one: str, other: str) -> bool:
    """Whether one location is the other, or is inside it."""
    one, other = f"{one.rstrip('/')}/", f"{other.rstrip('/')}/"
    return one.startswith(other) or other.startswith(one)


class _Real(NamedTuple):
    """A location, resolved: two spellings of one location are equal."""

    store: str  # of an object store its kind and bucket, empty for this machine
    account: str  # of Azure, where the URL names it
    path: str

    @classmethod
    def of(cls, place: str) -> "_Real":
        scheme, found, rest = place.partition("://")
        if not found:
            return cls("", "", os.path.realpath(place))
        host, _, path = unquote(rest).partition("/")
        bucket, _, account = host.partition("@")
        return cls(f"{_KINDS.get(scheme, scheme)}://{bucket}", account.partition(".")[0], f"/{path}")

    def touches(self, other: "_Real") -> bool:
        """Whether one is the other, or is inside it. If only one names its account, they may be the same."""
        return (
            self.store == other.store and (self.account == other.account or not self.account or not other.account) and _touch(self.path, other.path)
        )


def _refuse_taken(location: str, real: _Real, entries: Iterable[Entry]) -> None:
    taken = next((entry for entry in entries if entry.location and real.touches(_Real.of(entry.location))), None)
    if taken is not None:
        raise BadRequest(f"[LOCATION_OVERLAP] {location!r} overlaps with the place of {taken.name.sql}.", status=409, code="LOCATION_OVERLAP")


def _refused(reason: str) -> BadRequest:
    return BadRequest(f"[INVALID_LOCATION] This LOCATION is not taken: {reason}", code="INVALID_PARAMETER_VALUE")

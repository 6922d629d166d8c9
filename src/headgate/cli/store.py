"""Finds the data directory of a command and checks that it may be used: only `headgate up` creates a store, and only its owner may use it."""

import os
import pwd
import shlex
import sys
from pathlib import Path

from headgate.config.paths import DataDirectory, data_directory
from headgate.core.errors import Forbidden, NotFound, Unavailable

_ROOT = 0
_SQLITE = b"SQLite format 3\0"  # what its files begin with (https://www.sqlite.org/fileformat.html#the_database_header)


def existing_store(asked: str) -> DataDirectory:
    """The store of a command. Raises NotFound if there is none, Forbidden if it belongs to another user, and Unavailable if it is not Headgate's."""
    data = data_directory(asked, os.environ)
    if not owned_store(data):
        _refuse_other(data.root, _owner(data.root), data)
        raise NotFound(f"There is no Headgate store at {data.root}; `headgate up` makes one. {_elsewhere(data)}")
    return data


def owned_store(data: DataDirectory) -> bool:
    """Whether there is a store. Raises Forbidden if it belongs to another user, and Unavailable if it is not Headgate's."""
    owner = _owner(data.state_file)
    if owner is None:
        return False
    _refuse_other(data.state_file, owner, data)
    _refuse_foreign(data)
    return True


def store_for_up(asked: str, *, demo: bool) -> DataDirectory:
    """The store of a gateway, whether it exists or not. Raises Forbidden if it belongs to another user."""
    data = data_directory(asked, os.environ, demo=demo)
    if not owned_store(data) and os.geteuid() == _ROOT:  # root can write into any directory, but the owner could not use the files that root creates
        _refuse_other(data.root, _owner(data.root), data)
    return data


def _owner(path: Path) -> int | None:
    """The user id of its owner; `None` if it does not exist. Raises Forbidden if it cannot be looked up."""
    try:
        return os.stat(path).st_uid
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = f"{path} cannot be looked at as {user_name(os.geteuid())}: {error.strerror}."
        raise Forbidden(f"{reason} Run this as the user that Headgate runs as: {_as('USER', path.parent)}") from error


def _refuse_other(path: Path, owner: int | None, data: DataDirectory) -> None:
    me = os.geteuid()
    if owner is not None and owner != me:
        reason = f"{path} belongs to {user_name(owner)}, and this command runs as {user_name(me)}: neither could use files that the other creates."
        raise Forbidden(f"{reason} Run: {_as(_sudo_name(owner), data.root)}")


def _refuse_foreign(data: DataDirectory) -> None:
    try:
        with open(data.state_file, "rb") as file:
            begins = file.read(len(_SQLITE))
    except OSError as error:
        raise Forbidden(unusable_file(error, data.root)) from error
    if begins not in {b"", _SQLITE}:  # empty: a first start that was cut short
        elsewhere = "If it was Headgate's, restore it from a backup; if not, choose another directory with --data DIR or HEADGATE_DATA"
        raise Unavailable(f"{data.state_file} is not the store of a Headgate, or it is damaged: it is no SQLite database. {elsewhere}.")


def unusable_file(error: OSError, root: Path | None = None) -> str:
    """What to tell about a file that the system refuses: which one and why, and for a file of another user's store the command to type."""
    told = f"{error.filename or 'A file'} cannot be used: {error.strerror}."
    if not isinstance(error, PermissionError):
        return told
    root = root or data_directory(_typed_data(), os.environ).root
    file = Path(str(error.filename or "")).absolute()
    owner = next((found for path in (file, *file.parents) if (found := _visible_owner(path)) is not None), None)
    if owner is None or owner == os.geteuid() or not file.is_relative_to(root):
        return f"{told} Run this as the user that Headgate runs as: {_as('USER', root)}" if file.is_relative_to(root) else told
    return f"{told} It belongs to {user_name(owner)}. Run: {_as(_sudo_name(owner), root)}"


def _visible_owner(path: Path) -> int | None:
    try:
        return os.stat(path).st_uid
    except OSError:
        return None


def _typed_data() -> str:
    """The directory that was typed with `--data`."""
    for position, each in enumerate(sys.argv[1:], 1):
        if each.startswith("--data="):
            return each.removeprefix("--data=")
        if sys.argv[position - 1] == "--data":
            return each
    return ""


def _elsewhere(data: DataDirectory) -> str:
    demo = data_directory("", {name: value for name, value in os.environ.items() if name != "HEADGATE_DATA"}, demo=True)
    if demo.root != data.root and demo.state_file.is_file():
        return f"The demo's is at {demo.root}: add --data {shlex.quote(str(demo.root))}"
    service = f"Is Headgate a service here? Then name its user and its directory: {_as('headgate', Path('/var/lib/headgate'))}"
    return f"Does it run elsewhere? Then `headgate login URL` lets usage, sql and token ask it. {service}"


def _as(user: str, root: Path) -> str:
    """The typed command, as another user would type it."""
    typed = [each for position, each in enumerate(sys.argv[1:], 1) if each != "--data" and sys.argv[position - 1] != "--data"]
    words = " ".join(shlex.quote(each) for each in typed if not each.startswith("--data="))
    return f"sudo -u {user} HEADGATE_DATA={shlex.quote(str(root))} headgate {words}".rstrip()


def _sudo_name(uid: int) -> str:
    """A user as `sudo -u` takes it: the number of one that has no name (https://www.sudo.ws/docs/man/sudo.man/)."""
    name = user_name(uid)
    return f"'#{uid}'" if name == f"user {uid}" else name


def user_name(uid: int) -> str:
    """The name of a user of the operating system."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"

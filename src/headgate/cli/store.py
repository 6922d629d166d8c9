"""Finds the data directory of a command and checks that it may be used: only `headgate up` creates a store, and only its owner may use it."""

import os
import pwd
import shlex
import sys
from pathlib import Path

from headgate.config.paths import DataDirectory, data_directory
from headgate.core.errors import Forbidden, NotFound

_ROOT = 0


def existing_store(asked: str) -> DataDirectory:
    """The store of a command. Raises NotFound if there is none, and Forbidden if it belongs to another user."""
    data = data_directory(asked, os.environ)
    owner = _owner(data.state_file)
    if owner is None:
        _refuse_other(data.root, _owner(data.root), data)
        raise NotFound(f"There is no Headgate store at {data.root}; `headgate up` makes one. {_elsewhere(data)}")
    _refuse_other(data.state_file, owner, data)
    return data


def store_for_up(asked: str, *, demo: bool) -> DataDirectory:
    """The store of a gateway, whether it exists or not. Raises Forbidden if it belongs to another user."""
    data = data_directory(asked, os.environ, demo=demo)
    owner = _owner(data.state_file)
    if owner is not None:
        _refuse_other(data.state_file, owner, data)
    elif os.geteuid() == _ROOT:  # root can write into any directory, but the owner could not use the files that root creates
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
        raise Forbidden(f"{reason} Run: {_as(user_name(owner), data.root)}")


def _elsewhere(data: DataDirectory) -> str:
    demo = data_directory("", {name: value for name, value in os.environ.items() if name != "HEADGATE_DATA"}, demo=True)
    if demo.root != data.root and demo.state_file.is_file():
        return f"The demo's is at {demo.root}: add --data {shlex.quote(str(demo.root))}"
    return f"Is Headgate a service here? Then name its user and its directory: {_as('headgate', Path('/var/lib/headgate'))}"


def _as(user: str, root: Path) -> str:
    """The typed command, as another user would type it."""
    typed = [each for position, each in enumerate(sys.argv[1:], 1) if each != "--data" and sys.argv[position - 1] != "--data"]
    words = " ".join(shlex.quote(each) for each in typed if not each.startswith("--data="))
    return f"sudo -u {user} HEADGATE_DATA={shlex.quote(str(root))} headgate {words}".rstrip()


def user_name(uid: int) -> str:
    """The name of a user of the operating system."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"

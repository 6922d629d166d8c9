"""Reads and replaces files of the user's: whole or not at all, through symbolic links, with their owner, and never one that may not be changed."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from headgate.core.errors import BadRequest, Forbidden

_BYTES_MAX: Final = 4 << 20
PRIVATE, SHARED = 0o600, 0o644  # the modes of a file that its owner alone reads, and of one that everyone does


class FoundFile(NamedTuple):
    """A file's text and mode."""

    text: str
    mode: int


def read_file(path: Path) -> FoundFile | None:
    """The file; `None` if there is none. Raises BadRequest for what is no text, Forbidden for what may not be read."""
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(_BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Forbidden(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _BYTES_MAX:
        raise BadRequest(f"{path} is larger than {_BYTES_MAX >> 20} MB; that is no configuration.")
    try:
        return FoundFile(content.decode(), mode)
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path} is not UTF-8: byte {error.start} cannot be read. Save it as UTF-8 and try again.") from error


def check_writable(path: Path) -> None:
    """Raises Forbidden if the file, or the folder for a new one, may not be changed. Root may not change what is read-only either."""
    target = path
    while not target.exists():
        target = target.parent
    is_file = target == path
    if (is_file and not target.stat().st_mode & stat.S_IWUSR) or not os.access(target, os.W_OK) or not os.access(target.parent, os.W_OK):
        raise Forbidden(f"{target} is read-only. Run `chmod u+w {target}` if you want Headgate to change it.")


def replace_file(path: Path, text: str, mode: int) -> list[str]:
    """Write the file in one step. Returns the folders that were made for it, the outermost first."""
    made = _made_folders(path.parent, 0o755 if mode & 0o044 else 0o700)
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # is made for its owner alone
    try:
        with open(number, "wb") as file:
            file.write(text.encode())
            os.fchmod(file.fileno(), mode)
            with contextlib.suppress(OSError):  # only root may give a file away, and only root needs to
                owner = path.stat() if path.exists() else path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return made


def delete_file(path: Path, made_folders: list[str]) -> None:
    """Delete a file, and the folders that were made for it as far as they are empty."""
    path.unlink(missing_ok=True)
    for folder in reversed(made_folders):
        with contextlib.suppress(OSError):  # it is in use by now
            os.rmdir(folder)


def _made_folders(folder: Path, mode: int) -> list[str]:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=mode)
    return [str(each) for each in reversed(missing)]

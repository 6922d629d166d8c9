"""Secrets by reference: `env:NAME` and `file:PATH` become a `Secret` when the configuration is loaded. A literal secret is refused, never echoed."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from headgate.core.secret import Secret

_SIZE_MAX = 16_384


class BadReference(Exception):
    """A reference without a usable secret. The message says why and never contains the secret."""


def resolve_secret(reference: str, environ: Mapping[str, str], directory: Path) -> Secret:
    """The secret that a reference names. A relative path is relative to `directory`, where the configuration file is."""
    kind, colon, rest = reference.partition(":")
    if colon and kind == "env":
        return _of_environment(rest, environ)
    if colon and kind == "file":
        return _of_file(directory / Path(rest).expanduser())
    raise BadReference("a secret is never written here; say where it is: env:NAME for an environment variable or file:PATH for a file")


def _of_environment(name: str, environ: Mapping[str, str]) -> Secret:
    if not name:
        raise BadReference("env: needs the name of an environment variable")
    value = environ.get(name, "")
    if not value:
        state = "is set but empty" if name in environ else "is not set"
        raise BadReference(f"environment variable {name} {state}")
    return _checked(value, f"environment variable {name}")


def _of_file(path: Path) -> Secret:
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(_SIZE_MAX + 1)
    except OSError as error:
        raise BadReference(f"cannot read {path}: {error.strerror}") from error
    if mode & 0o007:
        raise BadReference(f"{path} is open to every user of this machine (mode {mode:04o}); run: chmod 600 {path}")
    if len(content) > _SIZE_MAX:
        raise BadReference(f"{path} is larger than {_SIZE_MAX} bytes; a key is not")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise BadReference(f"{path} is not text") from error
    if not text.strip():
        raise BadReference(f"{path} is empty")
    return _checked(text, str(path))


def _checked(value: str, source: str) -> Secret:
    value = value.strip()
    if not all("!" <= character <= "~" for character in value):
        raise BadReference(f"the value of {source} has spaces, line breaks or other characters that no HTTP header can carry")
    return Secret(value)

"""The static files of the pages: read once, compressed once, and served under an address that changes with their content, so that browsers keep them."""

import gzip
import hashlib
from functools import cache
from importlib import resources

from headgate.core.errors import NotFound
from headgate.core.headers import Headers
from headgate.web.ui.answers import PageAnswer

_TYPES = {"css": b"text/css; charset=utf-8", "js": b"text/javascript; charset=utf-8", "svg": b"image/svg+xml"}
_LARGE_BYTES = 1024  # less is not worth compressing


@cache
def _files() -> dict[str, bytes]:
    folder = resources.files("headgate.web.ui").joinpath("static")
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir(), key=lambda each: each.name) if file.name.rpartition(".")[2] in _TYPES}


@cache
def _version() -> str:
    """One for all files, so that modules may import each other by relative addresses."""
    digest = hashlib.sha256()
    for name, content in _files().items():
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:16]


@cache
def _compressed(name: str) -> bytes:
    packed = resources.files("headgate.web.ui").joinpath("static", f"{name}.gz")  # the build makes one of what is large
    return packed.read_bytes() if packed.is_file() else gzip.compress(_files()[name], 6, mtime=0)


def asset_path(name: str) -> str:
    """The address of a file. Raises KeyError if there is none of this name."""
    if name not in _files():
        raise KeyError(name)
    return f"/static/{_version()}/{name}"


def asset(version: str, name: str, *, compressed: bool) -> PageAnswer:
    """A file, compressed if the browser takes that. An address of another version gives the present file, to be asked for again. Raises NotFound."""
    if name not in _files():
        raise NotFound("There is no such file.")
    content = _files()[name]
    headers: Headers = [
        (b"content-type", _TYPES[name.rpartition(".")[2]]),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; connect-src 'self'"),  # a worker's script has the policy of its own answer
        (b"cache-control", b"public, max-age=31536000, immutable" if version == _version() else b"no-cache"),
        (b"vary", b"accept-encoding"),
    ]
    if compressed and len(content) > _LARGE_BYTES:
        return PageAnswer(200, [*headers, (b"content-encoding", b"gzip")], _compressed(name))
    return PageAnswer(200, headers, content)

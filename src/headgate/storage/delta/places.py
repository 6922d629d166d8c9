"""The folders that tables are in, on this machine or in object storage: looked into and removed, past delta-rs."""

import contextlib
import os
import shutil

import pyarrow as pa
import pyarrow.fs


def is_local(location: str) -> bool:
    """Whether it is a path of this machine, and not a URL."""
    return "://" not in location


def read(path: str) -> bytes:
    """A file. Raises `OSError`."""
    if is_local(path):
        with open(path, "rb") as file:
            return file.read()
    filesystem, inside = remote(path)
    with filesystem.open_input_stream(inside) as stream:
        return bytes(stream.read())


def remove(folder: str) -> None:
    """Remove a folder with all that is in it, as far as that can be done."""
    if is_local(folder):
        shutil.rmtree(folder, ignore_errors=True)
        return
    filesystem, inside = remote(folder)
    with contextlib.suppress(OSError):
        filesystem.delete_dir(inside)


def remote(location: str) -> tuple[pa.fs.FileSystem, str]:
    """The object store of a URL, with credentials and endpoint as the environment gives them to delta-rs."""
    scheme, _, rest = location.partition("://")
    if scheme in {"s3", "s3a"}:
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return pa.fs.S3FileSystem(endpoint_override=endpoint or None, region=region, allow_bucket_creation=False), rest
    filesystem, path = pa.fs.FileSystem.from_uri(location)
    return filesystem, path

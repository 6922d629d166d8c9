"""Where the gateway of this store is reached on this machine, and by how many, as of its last start. For commands."""

import msgspec

from headgate.storage.state.stated_file import StatedFile


class StatedAddress(msgspec.Struct, frozen=True):
    """`url` is empty where no gateway was started. `connections_max` follows from the files that it may open."""

    url: str = ""
    connections_max: int = 0
    open_files: int = 0


_FILE: StatedFile[StatedAddress] = StatedFile("address.json", StatedAddress, "where the gateway listens", StatedAddress())


def write_address(data_dir: str, stated: StatedAddress) -> None:
    """Replace what is stated, where it has changed."""
    _FILE.write(data_dir, stated)


def read_address(data_dir: str) -> StatedAddress:
    """What the gateway stated last; empty where none was started."""
    return _FILE.read(data_dir)

"""Where the gateway of this store is reached on this machine, as of its last start. For commands that ask it."""

import msgspec

from headgate.storage.state.stated_file import StatedFile


class StatedAddress(msgspec.Struct, frozen=True):
    """`url` is empty where no gateway was started."""

    url: str = ""


_FILE: StatedFile[StatedAddress] = StatedFile("address.json", StatedAddress, "where the gateway listens", StatedAddress())


def write_address(data_dir: str, stated: StatedAddress) -> None:
    """Replace what is stated, where it has changed."""
    _FILE.write(data_dir, stated)


def read_address(data_dir: str) -> StatedAddress:
    """What the gateway stated last; empty where none was started."""
    return _FILE.read(data_dir)

"""How long the accepted configuration keeps rows, for the processes that delete them."""

import msgspec

from headgate.storage.state.stated_file import StatedFile


class StatedRetention(msgspec.Struct, frozen=True):
    """Days that rows of Headgate's own tables stay; 0: for ever."""

    usage_days: int = 0


_FILE: StatedFile[StatedRetention] = StatedFile("retention.json", StatedRetention, "how long rows are kept", StatedRetention())


def write_retention(data_dir: str, retention: StatedRetention) -> None:
    """Replace it, where it has changed."""
    _FILE.write(data_dir, retention)


def read_retention(data_dir: str) -> StatedRetention:
    """How long rows stay now; for ever, where nothing was ever stated."""
    return _FILE.read(data_dir)

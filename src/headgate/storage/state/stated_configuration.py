"""Which configuration the gateway uses: its file, and what its providers are named. For commands that work on the store beside it. It holds no secret."""

import msgspec

from headgate.storage.state.stated_file import StatedFile


class StatedConfiguration(msgspec.Struct, frozen=True):
    """`file` is empty without one. `providers` are pairs of a name and the word for what it speaks. In the `demo` the file's own are not used.

    `waiting` are the sections of the file that are in use only after a restart.
    """

    file: str = ""
    demo: bool = False
    providers: tuple[tuple[str, str], ...] = ()
    waiting: tuple[str, ...] = ()


_FILE = StatedFile("configuration.json", StatedConfiguration, "the configuration in use", StatedConfiguration())


def write_configuration(data_dir: str, stated: StatedConfiguration) -> None:
    """Replace what is stated, where it has changed."""
    _FILE.write(data_dir, stated)


def read_configuration(data_dir: str) -> StatedConfiguration:
    """What the gateway stated last; all empty where none has run."""
    return _FILE.read(data_dir)

"""The paths of Headgate's files and of its configuration, by options, variables and the XDG conventions."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

CONFIG_NAME = "headgate.toml"


class DataDirectory(msgspec.Struct, frozen=True):
    """The directory that holds everything Headgate keeps, and the places in it. Nothing is created here."""

    root: Path

    @property
    def state_file(self) -> Path:
        """The control state (SQLite)."""
        return self.root / "state.db"

    @property
    def pepper_file(self) -> Path:
        """The key that tokens are hashed with. Without it the stored tokens cannot be checked."""
        return self.root / "pepper"

    @property
    def journal(self) -> Path:
        """The journal's segments."""
        return self.root / "journal"

    @property
    def warehouse(self) -> Path:
        """The Delta tables."""
        return self.root / "warehouse"

    @property
    def making(self) -> Path:
        """Notes of tables that are being made or replaced. Empty but while that happens, and after a crash until the next start."""
        return self.root / "making"

    @property
    def copies(self) -> Path:
        """Copies of data files in object storage that queries read. Never more than a cache."""
        return self.root / "cache"

    @property
    def sums(self) -> Path:
        """Sums of data files of the usage table. They can be made again from those."""
        return self.root / "sums"


def data_directory(asked: str, environ: Mapping[str, str], *, demo: bool = False) -> DataDirectory:
    """The directory that was asked for, else HEADGATE_DATA, else `headgate` in the user's data directory, or `headgate-demo` for the demo.

    The demo has its own directory, because its invented usage must not be counted with real usage.
    """
    named = asked or environ.get("HEADGATE_DATA", "")
    if named:
        return DataDirectory(Path(named).expanduser().absolute())
    return DataDirectory(_xdg(environ, "XDG_DATA_HOME", ".local/share") / ("headgate-demo" if demo else "headgate"))


def config_file(asked: str, environ: Mapping[str, str]) -> tuple[Path | None, str]:
    """The configuration file and what named it (`--config`, `HEADGATE_CONFIG`, or nothing); the path is `None` if there is no file.

    A file that was named is returned even if it does not exist: that is an error for the caller, not a reason to look elsewhere.
    """
    for named, by in ((asked, "--config"), (environ.get("HEADGATE_CONFIG", ""), "HEADGATE_CONFIG")):
        if named:
            return Path(named).expanduser().absolute(), by
    for folder in (*_working_directory(), user_config_directory(environ)):
        path = folder / CONFIG_NAME
        if path.is_file():
            return path, ""
    return None, ""


def user_config_directory(environ: Mapping[str, str]) -> Path:
    """The directory of the user's configuration files."""
    return _xdg(environ, "XDG_CONFIG_HOME", ".config") / "headgate"


def user_cache_directory(environ: Mapping[str, str]) -> Path:
    """The directory of what commands can do without."""
    return _xdg(environ, "XDG_CACHE_HOME", ".cache") / "headgate"


def _working_directory() -> tuple[Path, ...]:
    """The working directory, or nothing if it has been deleted."""
    try:
        return (Path.cwd(),)
    except OSError:
        return ()


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    named = environ.get(variable, "")
    if named and os.path.isabs(named):  # the specification says to ignore relative values
        return Path(named)
    return Path(environ.get("HOME") or Path.home()) / below_home

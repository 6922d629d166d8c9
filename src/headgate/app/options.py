"""The options of a gateway's processes, from the command line to every child."""

import msgspec

from headgate.config.schema import Log, Sql, Storage


class UpOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `headgate up`, resolved: where the store is, which file configures it, and what overrides that file."""

    data_dir: str
    config_path: str = ""  # empty: no file
    host: str = ""  # empty: as configured
    port: int = -1  # below zero: as configured; 0: any free one
    demo: bool = False
    terminal: bool = False  # whether people alone read what is printed, so that a secret may be shown


class ServingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the supervisor hands to a serving process: inherited descriptors beside the options.

    `socket_outlives`: the listening socket was given to Headgate, and stays when it ends.
    Over `predecessor_fd` come the idle connections of the process before this one; over `successor_fd` its own go to the next one. -1: there is none.
    """

    up: UpOptions
    listen_fd: int
    link_fd: int
    parent_pid: int
    url: str
    log: Log = Log()
    predecessor_fd: int = -1
    successor_fd: int = -1
    socket_outlives: bool = False


class LateOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a serving process that was started early is handed: its options, whose descriptors are meant by their order, its environment, and the mask of new
    files.
    """

    serving: ServingOptions
    environ: dict[bytes, bytes]
    umask: int

    def __repr__(self) -> str:
        return "LateOptions(…)"  # the environment may hold keys of object storage


class StatementProcessOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a serving process tells the process that runs statements."""

    data_dir: str
    parent_pid: int
    storage: Storage = Storage()
    sql: Sql = Sql()
    log: Log = Log()


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """What a serving process reports once it serves, to show it to people."""

    url: str
    data_dir: str
    config_path: str
    providers: list[tuple[str, str, int]]  # name, where it was found, number of models
    endpoints: int
    formats: str = ""  # in which requests pass as they are, and that others are translated
    public_url: str = ""  # as configured, for links and agents; empty: `url`
    admin_token: str = ""  # only when it was minted just now, and only for a terminal; it is stored nowhere
    sign_in_url: str = ""
    connections_max: int = 0  # how many clients may be connected at once, of the files that the process may open
    open_files_max: int = 0
    notes: list[str] = []
    demo_fills: bool = False  # whether a made-up month is being written to the store

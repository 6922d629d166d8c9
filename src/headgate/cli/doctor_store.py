"""What `headgate doctor` finds in a data directory: its owner and rights, its disk, the store, and whether telemetry arrives. It changes nothing."""

import datetime as dt
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from headgate.cli.finding import Finding, failure, ok, warning
from headgate.cli.store import existing_store
from headgate.config.paths import DataDirectory
from headgate.core.errors import GatewayError
from headgate.storage.journal.flusher_status import read_status
from headgate.storage.state.stated_address import StatedAddress, read_address

_FREE_LEAST_BYTES, _FREE_FEW_BYTES = 512 << 20, 5 << 30
_CONNECTIONS_FEW = 1_000
_AHEAD_S = 60.0
_ARRIVES_DAYS = 7


def find_store(asked: str) -> tuple[DataDirectory | None, list[Finding]]:
    """The data directory, and who may use it. `None` where this user cannot."""
    try:
        data = existing_store(asked)
    except GatewayError as error:
        text, _, fix = error.message.partition(" Run: ")
        here = "headgate up starts one here, and headgate login URL signs you in to one elsewhere"
        return None, [failure("data", text, f"run: {fix}" if fix else here)]
    found = [ok("data", str(data.root))]
    for path, wanted in ((data.root, 0o700), (data.state_file, 0o600), (data.pepper_file, 0o600)):
        mode = _mode(path)
        if mode & 0o077:
            found.append(warning("data", f"Other users of this machine can get at {path} (mode {mode:o}).", f"chmod {wanted:o} {path}"))
    return data, found


def disk_finding(root: Path) -> Finding:
    """How much room there is. Without any, requests are refused."""
    free = shutil.disk_usage(root).free
    text = f"{free / (1 << 30):.1f} GiB are free at {root}"
    fix = "make room, or move the data directory to a larger disk"
    if free < _FREE_LEAST_BYTES:
        return failure("disk", f"Only {text}; requests are refused when the disk is full.", fix)
    return warning("disk", f"Only {text}.", fix) if free < _FREE_FEW_BYTES else ok("disk", text)


def connections_finding(stated: StatedAddress) -> Finding:
    """How many clients may be connected at once, of the files that the gateway may open. More than that are closed at once."""
    text = f"at most {stated.connections_max:,} connections, of {stated.open_files:,} files that the gateway may open"
    if stated.connections_max >= _CONNECTIONS_FEW:
        return ok("connections", text)
    fix = "raise the hard limit of open files (LimitNOFILE=65536 in the service, or ulimit -n 65536) and start the gateway again"
    return warning("connections", f"{text[0].upper()}{text[1:]}.", fix)


def store_findings(data: DataDirectory, now_s: float) -> Iterator[Finding]:
    """Whether the store is sound, its gateway has room for clients, and the flusher is at work."""
    from headgate.storage.state.soundness import unsoundness  # ruff: ignore[import-outside-top-level] a database, which takes a while to load

    reason = unsoundness(data)
    restore = "restore it from a backup (headgate restore DIR)"
    yield failure("store", f"{data.state_file} is damaged: {reason}", restore) if reason else ok("store", "sound")
    stated = read_address(str(data.root))
    if stated.open_files:
        yield connections_finding(stated)
    status = read_status(str(data.journal))
    if status is None:
        return
    ahead_s = status.at_ns / 1e9 - now_s
    if ahead_s > _AHEAD_S:
        fix = "set this machine's clock by the network (timedatectl set-ntp true)"
        yield failure("clock", f"The last record is {ahead_s:.0f} s in the future: this machine's clock was set back.", fix)
    if status.trouble:
        yield failure("tables", f"Rows cannot be written to the tables: {status.trouble}", "correct that; the rows wait in the journal until then")
    for table in status.waiting:
        yield warning("tables", f"Rows of {table.name} wait: {table.reason}", f"correct that; see `headgate table describe {table.name}`")


def is_running(data: DataDirectory) -> bool:
    """Whether a gateway works on this store."""
    from headgate.storage.journal.journal_dir import WRITER_LOCK, is_locked  # ruff: ignore[import-outside-top-level] only beside a store
    from headgate.storage.journal.journals import list_journals  # ruff: ignore[import-outside-top-level] see above

    return any(is_locked(os.path.join(directory, WRITER_LOCK)) for directory in list_journals(str(data.root)))


def telemetry_findings(data: DataDirectory, now_s: float) -> Iterator[Finding]:
    """When the tables of the agents' telemetry were last written: with new rows, or by the care of their files."""
    from headgate.admin.relations import telemetry_tables  # ruff: ignore[import-outside-top-level] a database, which takes a while to load
    from headgate.storage.state.catalog import CatalogStore  # ruff: ignore[import-outside-top-level] see above
    from headgate.storage.state.store import open_state  # ruff: ignore[import-outside-top-level] see above

    store, _ = open_state(data)
    try:
        catalog = CatalogStore(store.database, str(data.warehouse), int(now_s * 1e9)).load()
    finally:
        store.close()
    tables = [table.name for table in telemetry_tables(catalog)]
    if not tables:
        yield ok("telemetry", "there is no table for it, so none is kept")
        return
    for name in tables:
        entry = catalog.find(name)
        changed_s = _changed_s(entry.location) if entry is not None else None
        if changed_s is None:
            continue
        days = (now_s - changed_s) / 86_400
        at = dt.datetime.fromtimestamp(changed_s, dt.UTC).strftime("%Y-%m-%d %H:%M")
        if days > _ARRIVES_DAYS:
            fix = "check the telemetry settings of the agents: headgate connect --telemetry"
            yield warning("telemetry", f"{name} has not been written since {at} UTC.", fix)
        else:
            yield ok("telemetry", f"{name} was last written at {at} UTC")


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _changed_s(location: str) -> float | None:
    """When a table's last version was written; `None` for one in object storage, or without a version."""
    log = Path(location.removeprefix("file://")) / "_delta_log"
    try:
        return max(entry.stat().st_mtime for entry in os.scandir(log) if entry.name.endswith(".json"))
    except (OSError, ValueError):
        return None

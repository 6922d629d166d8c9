"""What doctor finds in a data directory."""

import os
import shutil
import time
from types import SimpleNamespace

import pytest

from headgate.cli import doctor_store
from headgate.cli.doctor_store import disk_finding, find_store, is_running, store_findings, telemetry_findings
from headgate.config.paths import DataDirectory
from headgate.core.clock import SystemClock
from headgate.storage.journal.flusher_status import FlusherStatus, WaitingTable, write_status
from headgate.storage.journal.journals import writer_dir
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.state.stated_address import StatedAddress, write_address
from headgate.storage.state.store import open_state


@pytest.fixture
def data(tmp_path):
    """A new store."""
    directory = DataDirectory(tmp_path / "data")
    open_state(directory)[0].close()
    return directory


def judged(findings):
    """Name and state of each."""
    return [(each.check, each.state) for each in findings]


def test_the_directory(data, tmp_path, monkeypatch):
    """Found; open to others; not there; another user's."""
    assert judged(find_store(str(data.root))[1]) == [("data", "ok")]
    data.root.chmod(0o755)
    (_, warned) = find_store(str(data.root))[1]
    assert (warned.state, warned.fix) == ("warning", f"chmod 700 {data.root}")
    found, (none,) = find_store(str(tmp_path / "none"))
    assert (found, none.state, "headgate up starts one here" in none.fix) == (None, "failure", True)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 54_321)
    found, (refused,) = find_store(str(data.root))
    assert (found, refused.fix.startswith("run: sudo -u ")) == (None, True)


@pytest.mark.parametrize(("connections", "state"), [(512, "warning"), (10_000, "ok")])
def test_the_connections(data, connections, state):
    """A gateway with few open files has room for few clients."""
    write_address(str(data.root), StatedAddress("http://127.0.0.1:8484", connections, 2 * connections))
    (_, found) = store_findings(data, time.time())
    assert (found.check, found.state, f"{connections:,} connections, of {2 * connections:,} files" in found.text) == ("connections", state, True)


@pytest.mark.parametrize(("free", "state"), [(100 << 20, "failure"), (2 << 30, "warning"), (50 << 30, "ok")])
def test_the_disk(tmp_path, monkeypatch, free, state):
    """Requests are refused without room."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    assert disk_finding(tmp_path).state == state


def test_the_store(data):
    """Sound and alone; with a flusher that has trouble; with a clock that was set back; damaged."""
    now_s = time.time()
    assert judged(store_findings(data, now_s)) == [("store", "ok")]
    data.journal.mkdir()
    table = WaitingTable(table="t", name="main.default.t", location="/t", reason="permission denied", since_ns=1)
    write_status(str(data.journal), FlusherStatus(at_ns=int((now_s + 600) * 1e9), trouble="No space left on device", waiting=(table,)))
    found = list(store_findings(data, now_s))
    assert judged(found) == [("store", "ok"), ("clock", "failure"), ("tables", "failure"), ("tables", "warning")]
    assert "600 s in the future" in found[1].text
    data.state_file.write_bytes(data.state_file.read_bytes()[:4096] + os.urandom(8192))
    damaged = next(iter(store_findings(data, now_s)))
    assert (damaged.state, "headgate restore" in damaged.fix) == ("failure", True)


def test_a_gateway_works_on_it(data):
    """While its journal has a writer."""
    assert not is_running(data)
    journal = JournalWriter.open(writer_dir(str(data.root)), JournalLimits(), SystemClock())
    assert is_running(data)
    journal.close()
    assert not is_running(data)


def test_telemetry(data, monkeypatch):
    """No table, a table that grows, one that does not, and one in object storage, of which this machine knows nothing."""
    assert [each.text for each in telemetry_findings(data, time.time())] == ["there is no table for it, so none is kept"]
    locations = {"new": data.root / "new", "old": data.root / "old", "far": "s3://bucket/far"}
    entries = {name: SimpleNamespace(location=str(place)) for name, place in locations.items()}
    catalog = SimpleNamespace(find=entries.get)
    monkeypatch.setattr("headgate.storage.state.catalog.CatalogStore.load", lambda _self: catalog)
    monkeypatch.setattr("headgate.admin.relations.telemetry_tables", lambda _catalog: [SimpleNamespace(name=name) for name in entries])
    now_s = time.time()
    for name, age_s in (("new", 60), ("old", 30 * 86_400)):
        version = data.root / name / "_delta_log" / "00000000000000000000.json"
        version.parent.mkdir(parents=True)
        version.touch()
        os.utime(version, (now_s - age_s, now_s - age_s))
    new, old = telemetry_findings(data, now_s)
    assert (new.state, old.state) == ("ok", "warning")
    assert old.text.startswith("old has not been written since ")
    assert doctor_store._changed_s("s3://bucket/far") is None

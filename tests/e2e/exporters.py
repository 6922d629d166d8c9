"""Clients that export OpenTelemetry as agents do, and never give up: the same bytes again until they are acknowledged. And what is in the tables afterwards."""

import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException

import pyarrow.parquet as pq
from deltalake import DeltaTable

from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from tests.e2e.lab import Gateway
from tests.e2e.workspace import administrator
from tests.fakes import exports

PATHS = {"metrics": "metrics", "logs": "logs", "spans": "traces"}
ROWS = {"metrics": 4, "logs": 3, "spans": 2}  # of one export
_GIVE_UP_S = 60.0
_COLUMN = {"metrics": "sum", "logs": "attributes", "spans": "attributes"}


def name_of(signal: str) -> Name:
    """The table of a signal."""
    return Name(("main", "default", f"kill_otel_{signal}"))


class Exporters:
    """So many clients for each signal, until `stop`. A mark is in `acknowledged` once its export was answered with 200."""

    def __init__(self, gateway: Gateway, clients: int = 3) -> None:
        self._gateway = gateway
        self._clients = clients
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.acknowledged: set[tuple[str, str]] = set()
        self.repeated = 0
        self.refused: Counter[int] = Counter()
        self.given_up: list[str] = []

    def create_tables(self) -> None:
        """By an administrator, with leave for the clients' user."""
        root = administrator(self._gateway)
        for signal in PATHS:
            root.rows(otel_tables.ddl(name_of(signal), signal))
            root.rows(f"GRANT MODIFY ON TABLE {name_of(signal)} TO `ada@example.com`")

    def start(self) -> None:
        """Begin."""
        for signal in PATHS:
            for number in range(self._clients):
                self._threads.append(threading.Thread(target=self._run, args=(signal, f"{signal}-{number}")))
                self._threads[-1].start()

    def stop(self) -> None:
        """Each client finishes the export that it is at."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def rows(self, signal: str) -> Counter[str]:
        """How many rows of each mark the table holds."""
        location = f"{self._gateway.data}/warehouse/{'/'.join(name_of(signal).parts)}"
        found: Counter[str] = Counter()
        for file in DeltaTable(location).file_uris():
            read = pq.ParquetFile(file.removeprefix("file://")).read([_COLUMN[signal]]).column(0).to_pylist(maps_as_pydicts="lossy")
            found.update((row["attributes"] if signal == "metrics" else row)["mark"] for row in read)
        return found

    def check(self, timeout_s: float = 30.0) -> int:
        """Every acknowledged export has its rows in its table, and nothing has them twice. Returns the number of exports."""
        assert not self.given_up, f"never acknowledged: {self.given_up}"
        deadline = time.monotonic() + timeout_s
        for signal in PATHS:
            wanted = {mark for kind, mark in self.acknowledged if kind == signal}
            rows = self.rows(signal)
            while not wanted <= set(rows) and time.monotonic() < deadline:
                time.sleep(0.5)
                rows = self.rows(signal)
            lost = wanted - set(rows)
            assert not lost, f"{len(lost)} of {len(wanted)} acknowledged exports of {signal} are lost: {sorted(lost)[:5]}"
            odd = {mark: count for mark, count in rows.items() if count != ROWS[signal]}
            assert not odd, f"exports of {signal} with more or fewer than {ROWS[signal]} rows: {sorted(odd.items())[:5]}"
        return len(self.acknowledged)

    def _run(self, signal: str, name: str) -> None:
        number = 0
        while not self._ending.is_set():
            number += 1
            mark = f"{name}-{number}"
            if self._deliver(signal, getattr(exports, signal)(mark, ROWS[signal])):
                with self._lock:
                    self.acknowledged.add((signal, mark))
            else:
                self.given_up.append(mark)
                return
            time.sleep(0.002)

    def _deliver(self, signal: str, body: bytes) -> bool:
        """The same bytes until they are acknowledged; a connection that breaks says nothing."""
        headers = {
            "content-type": "application/x-protobuf",
            "authorization": f"Bearer {self._gateway.token}",
            "x-databricks-uc-table-name": str(name_of(signal)),
        }
        deadline = time.monotonic() + _GIVE_UP_S
        tries = 0
        while time.monotonic() < deadline:
            tries += 1
            connection = HTTPConnection("127.0.0.1", self._gateway.port, timeout=10)
            try:
                connection.request("POST", f"/api/2.0/otel/v1/{PATHS[signal]}", body, headers)
                status = connection.getresponse().status
            except (OSError, HTTPException):
                status = 0
            finally:
                connection.close()
            with self._lock:
                self.refused[status] += status != 200
                self.repeated += tries == 2
            if status == 200:
                return True
            time.sleep(0.05)
        return False

"""`kill -9` in the middle of statements that make, replace and fill tables: all of a statement is there afterwards or nothing of it, and nothing is left over.

`KILL_ROUNDS` sets the rounds.
"""

import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.e2e.lab import descendants, running, until
from tests.e2e.test_crash import wait_until_ready
from tests.e2e.test_kill_loop import command_line
from tests.e2e.workspace import STATEMENTS, Asker, administrator

ROUNDS = int(os.environ.get("KILL_ROUNDS", "60"))
VICTIMS = ("tree", "statements", "work", "flusher", "serving")
WORDS = {
    "statements": b"app.statement_process",
    "work": b"storage.delta.task",
    "flusher": b"headgate.storage.flusher",
    "serving": b"headgate.cli.serving",
}
ROWS = 20_000
KINDS = ("create", "replace", "insert")


@dataclass
class Books:
    """What each table may hold by now."""

    root: Asker
    replaced: int = 0  # the mark in the rows of the table that is replaced
    inserted: dict[int, bool] = field(default_factory=dict)  # whether the rows of each mark were acknowledged
    ended: dict[str, int] = field(default_factory=dict)

    def rows(self, text: str) -> list[list[str | None]]:
        """The rows of a statement, asked again while the process that runs statements is only just known to be dead."""
        while "STATEMENT_PROCESS_ENDED" in str(
            (answer := self.root.ask("POST", STATEMENTS, {"statement": text, "warehouse_id": "any", "wait_timeout": "50s"}))[1]
        ):
            time.sleep(0.1)
        assert answer[1].get("status", {}).get("state") == "SUCCEEDED", answer
        return answer[1]["result"].get("data_array", [])

    def prepare(self) -> None:
        """The tables that statements work on."""
        self.rows(f"CREATE TABLE main.default.replaced AS SELECT id, 0 AS mark FROM range({ROWS})")
        self.rows("CREATE TABLE main.default.filled (id BIGINT, mark INT)")
        self.rows("GRANT SELECT ON TABLE main.default.replaced TO `ada@example.com`")

    def statement(self, kind: str, mark: int) -> str:
        """The statement of a round; one of `replaced` also reads the table that it replaces."""
        rows = f"SELECT id, {mark} AS mark FROM range({ROWS})"
        return {
            "create": f"CREATE TABLE main.default.made_{mark} AS {rows}",
            "replace": f"CREATE OR REPLACE TABLE main.default.replaced AS SELECT id, CAST({mark} AS INT) AS mark, 'x' AS c{mark} FROM main.default.replaced",
            "insert": f"INSERT INTO main.default.filled {rows}",
        }[kind]

    def check(self, kind: str, mark: int, *, acknowledged: bool) -> None:
        """All or nothing, and all if it was acknowledged."""
        done = {"create": self._created, "replace": self._replaced, "insert": self._inserted}[kind](mark)
        assert done or not acknowledged, f"{kind} {mark} was acknowledged and is not there"
        key = f"{kind}: {'acknowledged' if acknowledged else 'there' if done else 'not there'}"
        self.ended[key] = self.ended.get(key, 0) + 1

    def _created(self, mark: int) -> bool:
        name = f"main.default.made_{mark}"
        if not self.rows(f"SHOW TABLES IN main.default LIKE 'made_{mark}'"):
            self.rows(self.statement("create", mark))  # the name is free
            assert self.rows(f"SELECT count(*), count(DISTINCT id) FROM {name}") == [[str(ROWS), str(ROWS)]]
            return False
        assert self.rows(f"SELECT count(*), count(DISTINCT id) FROM {name}") == [[str(ROWS), str(ROWS)]]
        return True

    def _replaced(self, mark: int) -> bool:
        ((found, rows, ids),) = self.rows("SELECT mark, count(*), count(DISTINCT id) FROM main.default.replaced GROUP BY mark")
        assert (rows, ids) == (str(ROWS), str(ROWS))
        assert found in {str(self.replaced), str(mark)}
        self.replaced = int(found)
        columns = [row[0] for row in self.rows("DESCRIBE TABLE main.default.replaced")]
        assert columns == ["id", "mark", f"c{found}"][: 2 + (found != "0")]
        return self.replaced == mark

    def _inserted(self, mark: int) -> bool:
        found = self.rows(f"SELECT count(*), count(DISTINCT id) FROM main.default.filled WHERE mark = {mark}")
        assert found in ([["0", "0"]], [[str(ROWS), str(ROWS)]]), found
        self.inserted[mark] = found != [["0", "0"]]
        return self.inserted[mark]


def kill(gateway, victim):
    """At once; nothing where there is no such process just now."""
    if victim == "tree":
        gateway.kill_all()
        return
    for pid in descendants(gateway.process.pid):
        if WORDS[victim] in command_line(pid):
            os.kill(pid, signal.SIGKILL)


def attempt(root, text):
    """Whether a statement was acknowledged. The connection may break: that is what the test is about."""
    try:
        return root.run(text)["status"]["state"] == "SUCCEEDED"
    except (OSError, HTTPException, AssertionError):
        return False


def rounds(gateway, books, plan, chance):
    """One statement and one kill each."""
    for mark, (kind, victim) in enumerate(plan, 1):
        answers = []
        asking = threading.Thread(
            target=lambda kind=kind, mark=mark, answers=answers: answers.append(attempt(books.root, books.statement(kind, mark)))
        )
        asking.start()
        time.sleep(chance.uniform(0.05, 1.8))
        kill(gateway, victim)
        asking.join()
        if victim == "tree":
            gateway.start()
        wait_until_ready(gateway, 60)
        books.check(kind, mark, acknowledged=answers[0])


def check_the_disk(gateway, books):
    """After the last rows have reached their tables: each folder is a table of the catalog, and a vacuum leaves exactly the files of the tables."""
    for name, counted in (("filled", ROWS * sum(books.inserted.values())), ("replaced", ROWS)):
        table = f"{gateway.data}/warehouse/main/default/{name}"
        until(lambda table=table: DeltaTable(table).count(), counted)
    until(lambda: os.listdir(f"{gateway.data}/making"), [])
    listed = {row[1] for row in books.rows("SHOW TABLES IN main.default")}
    places = {books.rows(f"DESCRIBE DETAIL main.default.{name}")[0][4].removeprefix("file://") for name in listed}
    assert gateway.stop() == 0
    found = {str(log.parent) for log in Path(gateway.data, "warehouse", "main").rglob("_delta_log")}
    assert {folder for folder in found if os.path.dirname(folder) not in places} == places
    for place in places:
        table = DeltaTable(place)
        table.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
        assert {str(path) for path in Path(place).rglob("*.parquet") if "_delta_log" not in str(path)} == {
            uri.removeprefix("file://") for uri in table.file_uris()
        }


def loop(folder, plan):
    """The rounds, then the disk."""
    with running(folder, None, arguments=("--demo",)) as gateway:
        books = Books(administrator(gateway))
        books.prepare()
        rounds(gateway, books, plan, random.Random(4711))
        assert books.rows("SHOW GRANTS `ada@example.com` ON TABLE main.default.replaced")
        check_the_disk(gateway, books)
    print(dict(sorted(books.ended.items())))
    return books.ended


@pytest.mark.slow
def test_a_few_kills_of_statements(tmp_path):
    """The short form: everything is killed at once, in each kind of statement."""
    assert sum(loop(tmp_path, [(kind, "tree") for kind in KINDS]).values()) == 3


@pytest.mark.kill
def test_kill_loop_of_statements(tmp_path):
    """Whatever process is killed, at whatever moment."""
    ended = loop(tmp_path, [(KINDS[number % 3], VICTIMS[number // 3 % 5]) for number in range(ROUNDS)])
    assert sum(ended.values()) == ROUNDS
    assert any(how.endswith("not there") for how in ended)

"""Many marked streams at once, and the books of both sides afterwards: what crash tests and the kill loop share."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.e2e.asking import CASES, CLOSING, Asking, Case
from tests.e2e.lab import Gateway
from tests.fakes.ledger import Entry, Ledger
from tests.fakes.provider import Provider
from tests.fakes.turns import Text, Tokens, Turn

MARK = "mark-"


def marked_answer(entry: Entry) -> Turn:
    """An answer for a marked request: length, pace and usage follow from the mark."""
    chance = random.Random(mark_of(entry))
    tokens = Tokens(fresh=chance.randint(1, 9999), read=chance.choice((0, chance.randint(1, 9999))), output=chance.randint(1, 9999))
    return Turn((Text("word " * 40, pieces=chance.randint(3, 40)),), tokens, pace_s=chance.uniform(0.001, 0.02))


def mark_of(entry: Entry) -> str:
    """The mark in the user's words."""
    at = entry.body.index(MARK.encode())
    return entry.body[at:].partition(b'"')[0].decode()


@dataclass
class Crowd:
    """Marked requests, their clients in threads, and what each client saw."""

    gateway: Gateway
    seen: dict[str, str] = field(default_factory=dict)  # mark → whole | error | cut | refused | unsent
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, case: Case, mark: str) -> None:
        """One request to its end, whatever that is."""
        how = "unsent"
        headers = {"Databricks-Ai-Gateway-Request-Tags": json.dumps({"mark": mark})}
        try:
            with Asking(self.gateway.url, self.gateway.token, case.path(), case.body(mark), headers) as asking:
                how = "refused" if asking.status != 200 else "cut"
                received = asking.rest()
                if asking.status == 200:
                    how = "whole" if CLOSING[case.dialect] in received else "error"
        except (OSError, HTTPException):
            pass  # the connection broke: that is what the test is about
        with self._lock:
            self.seen[mark] = how

    def run(self, marks: list[str], meanwhile: Callable[[], None]) -> None:
        """All marks at once, each in the next wire format; `meanwhile` runs beside them."""
        with ThreadPoolExecutor(len(marks)) as pool:
            for number, mark in enumerate(marks):
                pool.submit(self.ask, CASES[number % len(CASES)], mark)
            meanwhile()


def wait_for_streams(ledger: Ledger, count: int, since: int) -> None:
    """Until so many streams are under way after the first `since` requests."""
    ledger.wait(lambda entries: len([entry for entry in entries[since:] if entry.frames_sent > 1]) >= count, 10)


def check_marks(gateway: Gateway, provider: Provider, crowd: Crowd) -> Counter[str]:
    """No exchange that the provider received is without its one row, none is there twice, and whole ones are counted right. Returns how they ended."""
    rows = marked_rows(gateway, {mark_of(entry) for entry in provider.ledger.generations})
    doubled = [mark for mark, found in rows.items() if len(found) > 1]
    assert not doubled, f"{len(doubled)} exchanges have two rows: {doubled[:5]}"
    lost = [entry.number for entry in provider.ledger.generations if mark_of(entry) not in rows]
    assert not lost, f"{len(lost)} exchanges have no row: {lost[:5]}"
    strangers = set(rows) - set(crowd.seen)
    assert not strangers, f"rows that nobody asked for: {sorted(strangers)[:5]}"
    ends: Counter[str] = Counter()
    for entry in provider.ledger.generations:
        (row,) = rows[mark_of(entry)]
        ends[row["ended"]] += 1
        if row["ended"] == "completed":
            counted = (row["fresh_input_tokens"], row["cache_read_tokens"] or 0, row["output_tokens"])
            tokens = marked_answer(entry).tokens
            assert tokens is not None
            assert counted == (tokens.fresh, tokens.read, tokens.output), (entry.dialect, counted, tokens)
        assert row["ended"] in {"completed", "interrupted", "cut", "failed", "client_gone"}, row["ended"]
        if crowd.seen[mark_of(entry)] == "whole":
            assert row["ended"] in {"completed", "interrupted"}, row["ended"]
    return ends


def marked_rows(gateway: Gateway, wanted: set[str], timeout_s: float = 30.0) -> dict[str, list[dict[str, Any]]]:
    """The rows by mark, once all that are wanted are there or time is up."""
    deadline = time.monotonic() + timeout_s
    while True:
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in gateway.rows():
            rows.setdefault(dict(row["request_tags"] or {}).get("mark", ""), []).append(row)
        rows.pop("", None)
        if wanted <= set(rows) or time.monotonic() > deadline:
            return rows
        time.sleep(0.5)

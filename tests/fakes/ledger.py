"""What the scripted provider received and what it answered, one entry a request: the other side of the gateway's own books."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.turns import Tokens

CREDENTIAL_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "api-key", "proxy-authorization", "cookie")


@dataclass
class Entry:
    """One request, as received, and its answer, as sent. `whole` says that the answer's last byte was handed to the socket."""

    number: int
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    dialect: str = ""
    operation: str = ""
    model: str = ""
    stream: bool = False
    received_at: float = field(default_factory=time.monotonic)
    status: int = 0
    sent: bytearray = field(default_factory=bytearray)
    frames_sent: int = 0
    tokens: Tokens | None = None
    whole: bool = False
    client_closed: bool = False
    closed_at: float | None = None

    @cached_property
    def json(self) -> dict[str, Any]:
        """The request body."""
        value = json.loads(self.body) if self.body else {}
        return value if isinstance(value, dict) else {}

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's fields."""
        return dict(parse_qsl(urlsplit(self.target).query))

    def header(self, name: str) -> str:
        """The value of a header, empty if absent."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def credentials(self) -> dict[str, str]:
        """The headers that may hold a credential."""
        return {key: value for key, value in self.headers if key in CREDENTIAL_HEADERS}

    @property
    def everything(self) -> str:
        """All that was received, to search for what must not be there."""
        head = "\n".join(f"{key}: {value}" for key, value in self.headers)
        return f"{self.method} {self.target}\n{head}\n\n{self.body.decode('utf-8', 'replace')}"


class Ledger:
    """The entries in order of arrival. Read from any thread."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.problems: list[str] = []
        self._changed = threading.Condition()

    def add(self, entry: Entry) -> None:
        """Keep a request that has arrived."""
        with self._changed:
            self.entries.append(entry)
            self._changed.notify_all()

    def note(self, entry: Entry, problem: str) -> None:
        """Keep what is wrong with a request; fixtures fail the test on it."""
        self.problems.append(f"request {entry.number} ({entry.method} {entry.target}): {problem}")

    def touch(self) -> None:
        """Wake those who wait: an entry has changed."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, ready: Callable[[list[Entry]], bool], timeout_s: float = 15.0) -> list[Entry]:
        """Wait until the entries satisfy `ready`."""
        with self._changed:
            if not self._changed.wait_for(lambda: ready(self.entries), timeout_s):
                raise TimeoutError(f"the provider saw {[(e.method, e.target, e.status, e.whole) for e in self.entries]}")
        return self.entries

    @property
    def generations(self) -> list[Entry]:
        """Only requests for answers of a model: no token counts, no listings."""
        return [entry for entry in self.entries if entry.operation == "generate"]

"""Prints a line for each exchange, as text for people or JSON for machines. Under load it prints the first few of each half second and counts the rest."""

import contextlib
import importlib
import queue
import threading
from collections import deque
from typing import TextIO

from headgate.cli import json_lines
from headgate.cli.exchange_text import exchange_line
from headgate.core.record import Outcome
from headgate.core.usage import Usage
from headgate.metering.price import RatesOf, Sold

_SHOWN_MAX = 20  # lines a tick
_WAITING_MAX = 20  # ticks whose lines wait to be printed


class ExchangeLines:
    """Implements `ExchangeListener`. A thread loads the prices, because that takes longer than a start should."""

    def __init__(self, out: TextIO, data_dir: str, *, as_json: bool = False) -> None:
        self._out = out
        self._data_dir = data_dir
        self._colour = out.isatty()
        self._as_json = as_json
        self._waiting: deque[Outcome] = deque()
        self._more = 0
        self._prices: RatesOf | None = None  # until they are loaded
        self._printing: queue.Queue[str] = queue.Queue(_WAITING_MAX)
        threading.Thread(target=self._load_prices, name="prices", daemon=True).start()
        threading.Thread(target=self._print, name="lines", daemon=True).start()

    def exchange_ended(self, outcome: Outcome) -> None:
        """Note it for the next tick."""
        if len(self._waiting) < _SHOWN_MAX:
            self._waiting.append(outcome)
        else:
            self._more += 1

    def tick(self) -> None:
        """Print what has ended since."""
        if not self._waiting:
            return
        ended, more = list(self._waiting), self._more
        self._waiting.clear()  # first, so that a line that cannot be printed is not retried for ever
        self._more = 0
        lines = [self._line(outcome) for outcome in ended]
        if more:
            lines.append(json_lines.left_out_line(more, ended[-1].ended_at_ns) if self._as_json else f"… and {more} more")
        with contextlib.suppress(queue.Full):  # nothing reads the output; the exchanges are in the usage table
            self._printing.put_nowait("\n".join(lines) + "\n")

    def _line(self, outcome: Outcome) -> str:
        return json_lines.exchange_line(outcome, self._prices) if self._as_json else exchange_line(outcome, self._prices, self._colour)

    def _print(self) -> None:
        """Print the lines of the ticks. A stopped terminal, or a pipe that is not read, blocks only this thread."""
        while True:
            text = self._printing.get()
            with contextlib.suppress(OSError, ValueError):  # the reader has closed the pipe
                self._out.write(text)
                self._out.flush()

    def _load_prices(self) -> None:
        # By name, so that starting does not wait for the price data to be imported.
        prices: RatesOf = importlib.import_module("headgate.storage.rows.rates").lazy_rates(self._data_dir)
        prices(Sold("", "", "", ()), 0, Usage())
        self._prices = prices

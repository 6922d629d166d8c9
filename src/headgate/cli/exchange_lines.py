"""A line on standard output for each exchange, tidy for people or JSON for machines. Under load only the first few of each half second are shown, and the rest are counted."""

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
    """Implements `ExchangeListener`. Prices are loaded by a thread of its own, since loading takes longer than a start may."""

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
        self._waiting.clear()  # first: one that cannot be printed is not tried for ever
        self._more = 0
        lines = [self._line(outcome) for outcome in ended]
        if more:
            lines.append(json_lines.left_out_line(more, ended[-1].ended_at_ns) if self._as_json else f"… and {more} more")
        with contextlib.suppress(queue.Full):  # nobody reads; the exchanges are in the usage table all the same
            self._printing.put_nowait("\n".join(lines) + "\n")

    def _line(self, outcome: Outcome) -> str:
        return json_lines.exchange_line(outcome, self._prices) if self._as_json else exchange_line(outcome, self._prices, self._colour)

    def _print(self) -> None:
        """Print what the ticks hand over. A terminal that is stopped, or a pipe that nobody reads, stops this thread and nothing else."""
        while True:
            text = self._printing.get()
            with contextlib.suppress(OSError, ValueError):  # whoever read the lines has left
                self._out.write(text)
                self._out.flush()

    def _load_prices(self) -> None:
        # By name, so that starting does not wait for the price data to be imported.
        prices: RatesOf = importlib.import_module("headgate.storage.rows.rates").lazy_rates(self._data_dir)
        prices(Sold("", "", "", ()), 0, Usage())
        self._prices = prices

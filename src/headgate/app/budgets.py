"""The budgets of a configuration with the prices that they count in, which are those of the usage table; and how crossed percents are reported."""

import datetime as dt
import logging
from urllib.parse import urlsplit

import msgspec

from headgate.app.late_prices import LatePrices
from headgate.config.load import Configuration
from headgate.core.budget import NANO_PER_USD
from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.core.errors import UpstreamFailed
from headgate.core.headers import Headers
from headgate.core.model_names import NamesOf
from headgate.core.secret import Secret
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.ports import Deadlines, Upstream, UpstreamRequest
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.budget_states import BudgetCrossing
from headgate.policy.budget_text import crossing_text, resets_text
from headgate.policy.budgets import BudgetTable

_log = logging.getLogger("headgate.budgets")
_WAITING_MAX = 100  # notices that are under way or wait for another try
_TRIES = 3
_AGAIN_AFTER_S = (5.0, 60.0)
_TIMEOUT_S = 10.0


def budgets_of(configuration: Configuration, names_of: NamesOf, prices: LatePrices) -> Budgets | None:
    """The budgets; `None` if there are none. `prices` are those of the configuration."""
    return Budgets(BudgetTable(configuration.budgets, names_of), SpendingPrices(prices.rates)) if configuration.budgets else None


class BudgetNotices:
    """Reports each percent of a budget that was reached: in the log, and to the budget's webhook, off the path of any exchange.

    A webhook's URL comes from the environment or a file that the administrator names, never from a client. A notice is tried three times, and redirects are not
    followed.
    """

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock
        self._waiting: list[tuple[float, _Notice]] = []  # when each is tried again
        self._under_way: set[_Notice] = set()

    def crossed(self, crossing: BudgetCrossing) -> None:
        """A percent of a budget was reached."""
        budget = crossing.state.budget
        _log.warning("%s", crossing_text(crossing))
        if budget.webhook is None:
            return
        if len(self._waiting) + len(self._under_way) >= _WAITING_MAX:
            _log.error("budget %r: its webhook is not called, because %d notices wait already", budget.name, _WAITING_MAX)
            return
        self._send(_Notice(self, budget.name, budget.webhook, notice_body(crossing, self._clock.wall_ns())))

    def tick(self) -> None:
        """Try again what is due. Called about twice a second."""
        now_s = self._clock.monotonic_s()
        due = [notice for at_s, notice in self._waiting if at_s <= now_s]
        if due:
            self._waiting = [waiting for waiting in self._waiting if waiting[0] > now_s]
            for notice in due:
                self._send(notice)

    def ended(self, notice: "_Notice", problem: str) -> None:
        """A notice arrived, or not."""
        self._under_way.discard(notice)
        if not problem:
            return
        if notice.tries < _TRIES:
            self._waiting.append((self._clock.monotonic_s() + _AGAIN_AFTER_S[notice.tries - 1], notice))
        else:
            _log.error("budget %r: its webhook could not be called: %s", notice.budget, problem)

    def _send(self, notice: "_Notice") -> None:
        parts = urlsplit(notice.url.reveal())
        notice.tries += 1
        self._under_way.add(notice)
        request = UpstreamRequest(
            provider=Provider(name=f"webhook of budget {notice.budget}", dialect="", base_url=f"{parts.scheme}://{parts.netloc}"),
            method="POST",
            target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            headers=[(b"content-type", b"application/json"), (b"user-agent", b"headgate")],
            body=notice.body,
            deadlines=Deadlines(_TIMEOUT_S, _TIMEOUT_S, _TIMEOUT_S),
        )
        self._upstream.send(request, notice)


class _Notice:
    """One notice on its way to a webhook; what the webhook answers is not read, except for its status."""

    def __init__(self, notices: BudgetNotices, budget: str, url: Secret, body: bytes) -> None:
        self._notices = notices
        self._status = 0
        self.budget = budget
        self.url = url
        self.body = body
        self.tries = 0

    def head(self, status: int, _headers: Headers) -> None:
        """The answer begins."""
        self._status = status

    def data(self, _chunk: bytes) -> None:
        """A piece of the answer."""

    def end(self) -> None:
        """The answer is complete."""
        self._notices.ended(self, "" if 200 <= self._status < 300 else f"it answered with status {self._status}")

    def fail(self, error: UpstreamFailed) -> None:
        """There was no answer."""
        self._notices.ended(self, error.message)


def notice_body(crossing: BudgetCrossing, now_ns: int) -> bytes:
    """What a webhook gets. `text` is what chats show."""
    state, action = crossing.state, crossing.action
    budget = state.budget
    return msgspec.json.encode({
        "text": crossing_text(crossing),
        "budget": budget.name,
        "principal": state.who or None,
        "percent": action.percent,
        "action": action.kind,
        "to": action.to or None,
        "spent_usd": state.spent / NANO_PER_USD,
        "usd": state.nano_usd / NANO_PER_USD,
        "resets_at": resets_text(state),
        "time": dt.datetime.fromtimestamp(now_ns / 1e9, dt.UTC).isoformat(timespec="seconds"),
    })

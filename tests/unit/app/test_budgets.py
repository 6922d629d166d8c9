"""The budgets of a configuration with their prices, and how crossed percents are reported."""

import json
import logging
import subprocess
import sys

import msgspec
import pytest

from headgate.app.budgets import BudgetNotices, budgets_of
from headgate.app.late_prices import LatePrices
from headgate.config.load import WrittenFile, load
from headgate.core.errors import UpstreamFailed
from headgate.core.model_names import only_itself
from headgate.core.secret import Secret
from headgate.core.usage import Usage
from headgate.metering.price import Sold
from headgate.policy.budget_counts import BudgetCounts
from headgate.policy.wants import WantedMoney
from tests.fakes.budgets import at_ns, budget, nano, shares
from tests.fakes.ports import FakeClock, FakeUpstream

URL = "https://hooks.example:8443/T000/secret?x=1"
FILE = '[discovery]\nenvironment = false\nollama = false\n[[budgets]]\nname = "all"\nper = "day"\nusd = 1\n[[prices]]\nmodel = "qwen"\ninput_mtok = 3\noutput_mtok = 4\n'


def crossing_of(declared, spent=0.85):
    """The first percent that is reached by spending this."""
    counts = BudgetCounts()
    held = counts.reserve(WantedMoney(shares(declared), [0], at_ns("2026-11-30T12:00")))
    counts.settle(held, [nano(spent)])
    return counts.crossings()[0]


@pytest.fixture
def reporting():
    """Notices, what they send, and their clock."""
    upstream, clock = FakeUpstream(), FakeClock()
    return BudgetNotices(upstream, clock), upstream, clock


def test_budgets_count_in_the_prices_of_the_usage_table():
    """Those of the price list, and those of the file."""
    declared = load("", {}, probe=lambda _address: None, accepted=WrittenFile("headgate.toml", FILE))
    budgets = budgets_of(declared, only_itself, LatePrices(declared.prices))
    usage, now_ns = Usage(input_tokens=1, output_tokens=1), at_ns("2026-11-30T12:00")

    assert budgets.prices.rates_of(Sold("lab", "anthropic", "", ("claude-opus-4-6",)), now_ns, usage).input_mtok == pytest.approx(5)
    assert budgets.prices.rates_of(Sold("lab", "openai_chat", "", ("qwen",)), now_ns, usage).output_mtok == pytest.approx(4)
    assert budgets.prices.rates_of(Sold("lab", "openai_chat", "", ("unknown",)), now_ns, usage) is None


def test_without_budgets_no_price_list_is_loaded():
    """It is a serving process's largest import."""
    program = (
        "import sys; from headgate.app.composition import Composer; from headgate.app.token_store import StoredState;"
        "from headgate.admin.token_ports import StoredAccess; from headgate.config.load import load; composer = Composer();"
        "found = composer.compose(load('', {}, probe=lambda _: None), StoredState(StoredAccess(1, {}), frozenset())); composer.load_prices();"
        "print(found.budgets, 'genai_prices' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"HOME": "/nonexistent"})
    assert ran.stdout.split() == ["None", "False"]


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ("80 warn", "Budget 'all' of ada: 80 % is used. $0.85 of $1.00 is spent; it resets on Tuesday 1 December 2026 at 00:00 (UTC)."),
        ("80 downgrade haiku", "Budget 'all' of ada: from 80 % on requests go to haiku. $0.85 of $1.00 is spent; it resets"),
        ("80 block", "Budget 'all' of ada: what would exceed 80 % is refused. $0.85 of $1.00 is spent; it resets"),
    ],
)
def test_a_percent_is_one_line_in_the_log(reporting, caplog, actions, words):
    """With whose budget it is, what happens, and when it resets; without a webhook nothing is sent."""
    notices, upstream, _ = reporting
    with caplog.at_level(logging.WARNING, "headgate.budgets"):
        notices.crossed(crossing_of(budget(per_user=True, per="day", usd=1, actions=actions)))

    (line,) = caplog.messages
    assert words in line
    assert upstream.requests == []


def test_a_webhook_gets_what_happened(reporting):
    """As JSON, at exactly its URL, without any credential."""
    notices, upstream, _ = reporting
    notices.crossed(crossing_of(budget(per_user=True, per="day", usd=1, actions="80 downgrade haiku", webhook=Secret(URL))))

    (request,) = upstream.requests
    assert (request.provider.base_url, request.method, request.target) == ("https://hooks.example:8443", "POST", "/T000/secret?x=1")
    assert [name for name, _ in request.headers] == [b"content-type", b"user-agent"]
    body = json.loads(request.body)
    assert body.pop("text").startswith("Budget 'all' of ada: from 80 % on requests go to haiku. $0.85 of $1.00 is spent; it resets on")
    assert body.pop("time")
    assert body == {
        "budget": "all",
        "principal": "ada",
        "percent": 80.0,
        "action": "downgrade",
        "to": "haiku",
        "spent_usd": 0.85,
        "usd": 1.0,
        "resets_at": "2026-12-01T00:00:00+00:00",
    }


def test_a_webhook_is_tried_three_times(reporting, caplog):
    """Where it cannot be reached or answers with an error; the log never has its URL."""
    notices, upstream, clock = reporting
    notices.crossed(crossing_of(budget(per="day", usd=1, actions="80 warn", webhook=Secret(URL))))
    upstream.sinks[0].fail(UpstreamFailed("Nobody answers.", sent=False))
    notices.tick()
    assert len(upstream.sinks) == 1
    clock.now_s += 6
    notices.tick()
    upstream.sinks[1].head(302, [(b"location", b"http://elsewhere/")])
    upstream.sinks[1].data(b"moved")
    upstream.sinks[1].end()
    clock.now_s += 61
    notices.tick()
    upstream.sinks[2].head(500, [])
    upstream.sinks[2].end()
    clock.now_s += 1_000
    notices.tick()

    assert len(upstream.sinks) == 3
    assert "budget 'all': its webhook could not be called: it answered with status 500" in caplog.text
    assert "secret" not in caplog.text


def test_a_webhook_that_arrived_is_not_called_again(reporting):
    """Once for each percent."""
    notices, upstream, clock = reporting
    notices.crossed(crossing_of(budget(per="day", usd=1, actions="80 warn", webhook=Secret(URL))))
    upstream.sinks[0].head(204, [])
    upstream.sinks[0].end()
    clock.now_s += 1_000
    notices.tick()

    assert len(upstream.sinks) == 1


def test_few_notices_wait_at_a_time(reporting, caplog):
    """A webhook that never answers takes no more memory."""
    notices, upstream, _ = reporting
    crossing = crossing_of(budget(per="day", usd=1, actions="80 warn", webhook=Secret(URL)))
    for _ in range(102):
        notices.crossed(msgspec.structs.replace(crossing))

    assert len(upstream.requests) == 100
    assert "its webhook is not called, because 100 notices wait already" in caplog.text

"""One line for an exchange."""

import datetime as dt
import re

import pytest

from headgate.cli.exchange_text import exchange_line
from headgate.core.record import Intent, Outcome
from headgate.core.usage import Usage
from headgate.metering.price import Rates

ENDED_NS = 1_700_000_000_000_000_000
CLOCK = f"{dt.datetime.fromtimestamp(1_700_000_000).astimezone():%H:%M:%S}"


class Prices:
    """Knows one model."""

    def __call__(self, sold, _at_ns, _usage):
        return Rates(5.0, 0.5, 6.25, 10.0, 25.0, "anthropic", sold.models[0], "test") if "claude-opus-4-6" in sold.models else None


def line(colour: bool = False, prices: Prices | None = None, **changed) -> str:
    intent = Intent(
        request_id="req_1", started_at_ns=ENDED_NS, requester="ada@example.com", endpoint="databricks-claude-opus-4-6", agent="claude-code",
        provider_dialect="anthropic", model_sent=changed.pop("model_sent", "claude-opus-4-6"), model_asked="databricks-claude-opus-4-6",
    )  # fmt: skip
    fields = {
        "status_code": 200, "ended": "completed", "ended_at_ns": ENDED_NS, "latency_ms": 4_100, "time_to_first_byte_ms": 800,
        "usage": Usage(input_tokens=1_000, cache_write_5m_tokens=200, cache_read_tokens=28_400, output_tokens=212),
    }  # fmt: skip
    return exchange_line(Outcome(intent=changed.pop("intent", intent), **(fields | changed)), prices or Prices(), colour)


def squeezed(text: str) -> str:
    return re.sub(r" +", " ", text)


def test_completed():
    """Time, status, user, endpoint, agent, tokens, charge, first byte, total."""
    assert squeezed(line()) == f"{CLOCK} 200 ada@example.com databricks-claude-opus-4-6 claude-code 1.2k+28.4k→212 $0.026 ttft 0.8s 4.1s"


def test_columns_are_aligned():
    """Lines of different exchanges stand under each other."""
    short = line(usage=Usage(input_tokens=1, output_tokens=2))
    assert line().index("$0.026") == short.index("$")
    assert line().index("ttft") == short.index("ttft")


@pytest.mark.parametrize(
    ("usage", "text"),
    [
        (None, " – – ttft"),
        (Usage(), " – – ttft"),
        (Usage(input_tokens=11, output_tokens=0), " 11→0 $0.000055 ttft"),
        (Usage(input_tokens=11, output_tokens=7, estimated=True), " ~11→7 $0.00023 ttft"),
    ],
)
def test_counts(usage, text):
    """Nothing reported is no zero; an estimate is marked."""
    assert text in squeezed(line(usage=usage))


def test_unpriced():
    """A model without a price is shown as such, never as free; the asked model's price counts where the served name has none."""
    assert " unpriced " in line(model_sent="mystery", model_served="mystery-2")
    assert " $0.026 " in line(model_served="claude-opus-4-6-fast")
    assert "unpriced" not in exchange_line(Outcome(intent=Intent(request_id="r", started_at_ns=0), status_code=200, ended="completed", ended_at_ns=0,
                                                   usage=Usage(input_tokens=1)), None, False)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"status_code": 429, "ended": "refused", "error_message": "limit: 30 req/min; retry in 12 s"},
         " 429 ada@example.com databricks-claude-opus-4-6 claude-code limit: 30 req/min; retry in 12 s"),
        ({"status_code": 502, "ended": "failed", "error_code": "overloaded"}, " claude-code overloaded"),
        ({"ended": "failed"}, " claude-code failed"),
        ({"ended": "cut", "error_message": "connection reset"}, " the provider broke off: connection reset"),
        ({"ended": "cut"}, " the provider broke off"),
        ({"ended": "client_gone"}, " 4.1s client left"),
        ({"status_code": 0, "ended": "client_gone"}, " – ada@example.com "),
    ],
)  # fmt: skip
def test_other_endings(changed, text):
    """What did not end well says why instead of how much."""
    assert text in squeezed(line(**changed))


def test_nothing_steers_the_terminal():
    """Text from outside is cut and cleaned."""
    intent = Intent(request_id="r", started_at_ns=0, requester="a\x1b[2J", model_asked="x\n" * 99, agent="\x07")
    text = line(intent=intent, status_code=400, ended="refused", error_message="no\x1b]0;title\x07" * 99)
    assert text.isprintable()
    assert len(text) < 220


def test_colours():
    """On a terminal the status is coloured by how it went."""
    assert "\x1b[32m200\x1b[0m" in line(colour=True)
    assert "\x1b[33m429\x1b[0m" in line(colour=True, status_code=429, ended="refused")
    assert "\x1b[31m502\x1b[0m" in line(colour=True, status_code=502, ended="failed")
    assert "\x1b[31m200\x1b[0m" in line(colour=True, ended="cut")

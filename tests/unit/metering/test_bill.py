"""What an exchange is charged for, line by line."""

from decimal import Decimal

import pytest

from headgate.core.client_credential import PAID_BY_REQUESTER
from headgate.core.record import PAID_BY_DEMO
from headgate.core.usage import Usage, UsageLine
from headgate.metering.bill import ANSWER, Bill, bill
from headgate.metering.price import Rates
from tests.fakes.records import intent, outcome

PLAIN = Rates(5.0, 0.5, 6.25, 10.0, 25.0, "anthropic", "claude-opus-4-6", "a test")
DEARER = Rates(10.0, 1.0, 12.5, 20.0, 50.0, "anthropic", "claude-fable-5", "a test")
SOUND = Rates(40.0, 4.0, None, None, 80.0, "anthropic", "claude-opus-4-6", "a test")
SEARCH = Rates(None, None, None, None, None, "anthropic", "claude-opus-4-6", "a test", 10.0)
SEARCHED = UsageLine(kind="web_search", uses=3)
SUMMARY = UsageLine(kind="compaction", input_tokens=100_000, cache_read_tokens=80_000, output_tokens=3_500)
ADVICE = UsageLine(kind="advisor_message", model="claude-fable-5", input_tokens=900, output_tokens=70)


class Prices:
    """Rates of two models in the ordinary tier, of sound, and of searches. Remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, sold, at_ns, usage):
        self.asked.append((sold.models[0], sold.tier, sold.part, usage.all_input_tokens))
        if sold.tier:
            return None
        if sold.part:
            return {"audio": SOUND, "web_search": SEARCH, "image": PLAIN}.get(sold.part)
        return DEARER if sold.models[0] == "claude-fable-5" else PLAIN


def usd(*parts):
    """Millionths of a dollar, added up, as a bill keeps them."""
    return (sum(Decimal(str(part)) for part in parts) / 1_000_000).quantize(Decimal("1e-12"))


def billed(usage, prices=None):
    """The bill of an answer with this usage, and its lines in short."""
    made = bill(outcome("r", usage=usage), prices or Prices())
    return made, [(line.line.kind, line.model, line.charge) for line in made.lines]


def test_a_plain_answer_has_no_lines():
    """Its one line is the row itself."""
    assert bill(outcome("r", usage=Usage(input_tokens=10, output_tokens=50)), Prices()) == Bill("priced", usd(50, 1250), PLAIN)
    assert bill(outcome("r", usage=None), Prices()) == bill(outcome("r", usage=Usage(estimated=True)), Prices()) == Bill("none")


def test_every_line_at_its_own_models_price():
    """A compaction at the answer's, an adviser's answer at the adviser's, searches by the piece; the charge is their sum."""
    made, lines = billed(Usage(input_tokens=23_000, cache_read_tokens=0, output_tokens=1_000, beside=(SUMMARY, ADVICE, SEARCHED)))

    assert lines == [
        (ANSWER, "claude-opus-4-6", usd(115_000, 25_000)),
        ("compaction", "claude-opus-4-6", usd(500_000, 40_000, 87_500)),
        ("advisor_message", "claude-fable-5", usd(9_000, 3_500)),
        ("web_search", "claude-opus-4-6", usd(30_000)),
    ]
    assert (made.status, made.charge, made.rates) == ("priced", sum(charge for _, _, charge in lines), PLAIN)
    assert [line.rates for line in made.lines] == [PLAIN, PLAIN, DEARER, SEARCH]


def test_each_request_is_priced_by_its_own_size():
    """A long compaction does not make the short answer after it dear; sound and pictures are part of the answer's request."""
    prices = Prices()
    billed(Usage(input_tokens=20, output_tokens=1, beside=(UsageLine(kind="audio", input_tokens=30), SUMMARY)), prices)

    assert prices.asked == [
        ("claude-opus-4-6", "", "", 50),
        ("claude-opus-4-6", "", "audio", 50),
        ("claude-opus-4-6", "", "", 180_000),
    ]


def test_tokens_of_the_same_price_are_one_line():
    """Sound costs more here, pictures do not."""
    parts = (UsageLine(kind="audio", input_tokens=30, output_tokens=1), UsageLine(kind="image", input_tokens=40, output_tokens=2))
    made, lines = billed(Usage(input_tokens=20, output_tokens=5, beside=parts))

    assert lines == [(ANSWER, "claude-opus-4-6", usd(300, 175)), ("audio", "claude-opus-4-6", usd(1_200, 80))]
    assert made.lines[0].line == UsageLine(kind=ANSWER, input_tokens=60, output_tokens=7)
    assert billed(Usage(input_tokens=20, output_tokens=5, beside=parts[1:])) == (Bill("priced", usd(300, 175), PLAIN), [])


@pytest.mark.parametrize(
    "usage",
    [
        Usage(input_tokens=10, output_tokens=50, tier="flex"),
        Usage(input_tokens=10, output_tokens=50, beside=(UsageLine(kind="telepathy", uses=1),)),
        Usage(input_tokens=10, output_tokens=50, beside=(UsageLine(kind="image_generation", output_tokens=1_056),)),
        Usage(input_tokens=10, output_tokens=50, beside=(UsageLine(kind="advisor_message", tier="priority", input_tokens=1),)),
    ],
)
def test_one_line_without_a_price_leaves_the_sum_open(usage):
    """A tier, a tool or a model that nobody knows the price of is never charged as something else; the other lines keep their charge."""
    made, lines = billed(usage)

    assert (made.status, made.charge, made.rates) == ("unpriced", None, None)
    assert [charge for _, _, charge in lines] in ([], [usd(50, 1250), None])


def test_uses_that_were_taken_back_are_no_line():
    """A provider that bills none of the searches that were seen."""
    assert billed(Usage(input_tokens=10, output_tokens=50, beside=(UsageLine(kind="web_search", uses=0),))) == (
        Bill("priced", usd(50, 1250), PLAIN),
        [],
    )


def test_several_uses_may_be_charged_as_one():
    """Where an answer that searched is charged, and not each search."""
    once = Rates(None, None, None, None, None, "google", "gemini-2.5-pro", "a test", 35.0, True)
    made = bill(outcome("r", usage=Usage(beside=(SEARCHED,))), lambda *_: once)

    assert (made.status, made.charge, made.lines[0].line.uses) == ("priced", usd(35_000), 3)


def test_what_no_column_holds_is_unpriced():
    """A charge of a million dollars is a mistake of somebody's."""
    assert bill(outcome("r", usage=Usage(output_tokens=1 << 53)), Prices()) == Bill("unpriced")


def test_what_the_demo_answered_has_a_price_and_is_marked():
    """Its charge is what a real provider would have charged, under a status of its own; what has no price or used nothing is as always."""
    demo = intent("r", paid_by=PAID_BY_DEMO)

    def of(usage):
        return bill(outcome("r", usage=usage, intent=demo), Prices())

    assert of(Usage(input_tokens=10, output_tokens=50)) == Bill("demo", usd(50, 1250), PLAIN)
    assert of(Usage(input_tokens=10, output_tokens=50, tier="flex")) == Bill("unpriced")
    assert of(None) == Bill("none")


def test_what_the_requesters_own_account_paid_is_not_charged():
    """Nothing is charged, line by line; the list price is beside it, where there is one."""
    own = intent("r", paid_by=PAID_BY_REQUESTER)

    def of(usage):
        return bill(outcome("r", usage=usage, intent=own), Prices())

    assert of(Usage(input_tokens=10, output_tokens=50)) == Bill("not_charged", usd(0), PLAIN, (), usd(50, 1250))
    made = of(Usage(input_tokens=10, output_tokens=50, beside=(SEARCHED,)))
    assert (made.charge, [line.charge for line in made.lines]) == (usd(0), [usd(0), usd(0)])
    assert made.list_charge == bill(outcome("r", usage=Usage(input_tokens=10, output_tokens=50, beside=(SEARCHED,))), Prices()).charge
    assert of(Usage(input_tokens=10, output_tokens=50, tier="flex")) == Bill("not_charged", usd(0))
    assert of(None) == Bill("none")

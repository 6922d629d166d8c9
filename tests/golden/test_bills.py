"""Everything that an answer is charged for is read of it, in every dialect, streamed and whole, however the stream is cut."""

import json

import msgspec
import pytest

from headgate.core.event import Failed, Finished
from headgate.core.usage import Usage
from headgate.dialects.registry import CLIENTS, PROVIDERS
from headgate.exchange.settings import StreamLimits
from headgate.exchange.tally import Tally
from headgate.metering.meter import Meter
from headgate.metering.price import FREE
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.records import RATES, outcome
from tests.golden.bill_table import BILLS
from tests.golden.bills import ASKED, Bill, padded, stream, whole

each_bill = pytest.mark.parametrize("bill", BILLS, ids=str)
SIZES = (1, 2, 7, 64, 10**9)


def metered(events):
    """The meter after these events."""
    meter = Meter()
    for event in events:
        meter.feed(event)
    assert not any(isinstance(event, Failed) for event in events)
    assert any(isinstance(event, Finished) for event in events)
    return meter


def read(meter):
    """What the meter holds, in the words of the table: the ordinary tier and what was not reported are left out."""
    usage = msgspec.to_builtins(meter.usage or Usage())
    beside = usage.pop("beside", ())
    kept = {name: value for name, value in usage.items() if value not in {None, ""}}
    return kept, [{name: value for name, value in line.items() if value is not None} for line in beside]


@each_bill
def test_a_whole_answer_is_read(bill):
    """Counts, tier, lines and the provider's own price."""
    assert read(metered(PROVIDERS[bill.dialect].read_answer(whole(bill)))) == (dict(bill.own), list(bill.beside))


@each_bill
def test_a_stream_is_read_as_the_whole_answer_is(bill):
    """However it is cut, the lines are those of the whole answer."""
    data = stream(bill)
    for size in SIZES:
        reader = PROVIDERS[bill.dialect].reader()
        events = [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])]
        assert read(metered(events)) == (dict(bill.own), list(bill.beside)), f"in pieces of {size}"
        assert reader.complete


@each_bill
def test_numbers_may_be_written_as_fractions(bill):
    """A server that writes 30.0 means 30."""
    fractions = json.loads(json.dumps(bill.reported), parse_int=float)

    assert read(metered(PROVIDERS[bill.dialect].read_answer(whole(bill._replace(reported=fractions))))) == (dict(bill.own), list(bill.beside))


@each_bill
def test_no_size_changes_what_is_read(bill):
    """Events and answers that are too large to be held are read on their way for the same lines."""
    for reader, data in ((PROVIDERS[bill.dialect].reader(), padded(stream(bill))), (PROVIDERS[bill.dialect].body_reader(), padded(whole(bill)))):
        events = [event for at in range(0, len(data), 70_001) for event in reader.feed(data[at : at + 70_001])]
        assert read(metered(events)) == (dict(bill.own), list(bill.beside))


def rows_of(bill, answers):
    """The rows of these answers, at made-up prices: some tools cost nothing, and no tier has a price."""
    face = PROVIDERS[bill.dialect]
    rates = UsageRows(lambda sold, _at_ns, _usage: None if sold.tier else FREE if sold.part else RATES)
    usages = []
    for data, streamed in answers:
        tally = Tally(face, StreamLimits())
        if streamed:
            tally.stream_data(data)
        else:
            tally.whole(data)
        usages.append(tally.usage(CLIENTS[bill.dialect], ASKED[bill.dialect]))
    return rates.table([outcome("r", usage=usage) for usage in usages]).to_pylist(maps_as_pydicts="strict")


@each_bill
def test_the_lines_of_a_row_add_up_to_it(bill):
    """Counts to counts, charges to the charge, and the streamed answer's row is the whole answer's."""
    streamed, held = rows_of(bill, [(stream(bill), True), (whole(bill), False)])

    lines = held["usage_lines"]
    assert lines
    for name in ("fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "reasoning_tokens"):
        assert sum(line[name] or 0 for line in lines) == (held[name] or 0), name
    assert held["input_tokens"] + held["output_tokens"] == held["total_tokens"]
    unpriced = any(line["charge"] is None for line in lines)
    assert held["charge"] == (None if unpriced else sum(line["charge"] for line in lines))
    assert held["charge_status"] == ("unpriced" if unpriced else "priced")
    if not held["usage_estimated"]:
        assert {name: value for name, value in streamed.items() if value != held[name]} == {}


NAMES = {
    "anthropic": ("input_tokens", "output_tokens"),
    "openai_chat": ("prompt_tokens", "completion_tokens"),
    "openai_responses": ("input_tokens", "output_tokens"),
    "gemini": ("promptTokenCount", "candidatesTokenCount"),
}
ODD = [10**18, -1, "9", 5.5, None, True, [], {}, 1e300]


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("place", [0, 1], ids=["input", "output"])
def test_an_odd_count_is_estimated_and_flagged_alone(dialect, place):
    """The other count stays the provider's; no value is an error, and none is taken for a count."""
    for odd in ODD:
        reported = {NAMES[dialect][0]: 1_234, NAMES[dialect][1]: 567} | {NAMES[dialect][place]: odd}
        bill = Bill(dialect, "odd", reported, {})
        for row in rows_of(bill, [(stream(bill), True), (whole(bill), False)]):
            counts = [row["fresh_input_tokens"], row["output_tokens"]]
            assert row["usage_estimated"], odd
            assert counts[1 - place] == (567, 1_234)[place], odd
            assert 0 < counts[place] < 100, odd

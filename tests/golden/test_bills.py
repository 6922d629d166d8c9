"""Everything that an answer is charged for is read of it, in every dialect, streamed and whole, however the stream is cut."""

import json

import msgspec
import pytest

from headgate.core.event import Failed, Finished
from headgate.core.usage import Usage
from headgate.dialects.registry import DIALECTS
from headgate.metering.meter import Meter
from tests.golden.bill_table import BILLS
from tests.golden.bills import stream, whole

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
    assert read(metered(DIALECTS[bill.dialect].read_answer(whole(bill)))) == (dict(bill.own), list(bill.beside))


@each_bill
def test_a_stream_is_read_as_the_whole_answer_is(bill):
    """However it is cut, the lines are those of the whole answer."""
    data = stream(bill)
    for size in SIZES:
        reader = DIALECTS[bill.dialect].reader()
        events = [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])]
        assert read(metered(events)) == (dict(bill.own), list(bill.beside)), f"in pieces of {size}"
        assert reader.complete


@each_bill
def test_numbers_may_be_written_as_fractions(bill):
    """A server that writes 30.0 means 30."""
    fractions = json.loads(json.dumps(bill.reported), parse_int=float)

    assert read(metered(DIALECTS[bill.dialect].read_answer(whole(bill._replace(reported=fractions))))) == (dict(bill.own), list(bill.beside))

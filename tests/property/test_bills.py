"""Whatever the network does to a stream, what an answer is charged for is the same."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.usage import Usage
from headgate.dialects.registry import PROVIDERS
from headgate.metering.meter import Meter
from tests.fakes.examples import examples
from tests.golden.bill_table import BILLS
from tests.golden.bills import stream, whole


def used(events):
    """The usage after these events."""
    meter = Meter()
    for event in events:
        meter.feed(event)
    return meter.usage or Usage()


@given(st.sampled_from(BILLS), st.data())
@examples(200)
def test_no_cut_changes_a_line(bill, data):
    """Lines, counts, tier and price of a stream that is cut anywhere are those of the whole answer."""
    answer = stream(bill)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=8)))
    reader = PROVIDERS[bill.dialect].reader()
    events = [event for start, end in zip([0, *cuts], [*cuts, len(answer)], strict=True) for event in reader.feed(answer[start:end])]

    assert used(events) == used(PROVIDERS[bill.dialect].read_answer(whole(bill)))


@given(st.sampled_from(BILLS), st.data())
@examples(100)
def test_an_answer_that_breaks_off_has_no_more_than_it_reported(bill, data):
    """Wherever it breaks off: no line and no count that the whole answer does not have."""
    answer = stream(bill)
    end = data.draw(st.integers(0, len(answer)))
    reader = PROVIDERS[bill.dialect].reader()

    part, all_of_it = used(reader.feed(answer[:end])), used(PROVIDERS[bill.dialect].read_answer(whole(bill)))

    assert {line.kind for line in part.beside} <= {line.kind for line in all_of_it.beside}
    assert (part.totals.output_tokens or 0) <= max(1, all_of_it.totals.output_tokens or 0)

"""Records as bytes."""

import msgspec
import pytest

from headgate.core.usage import Usage
from headgate.storage.records import BIGINT_MAX, make_codec, within_bigint
from tests.fakes.records import intent, outcome


def test_records_come_back_equal():
    """An intent and an outcome survive."""
    codec = make_codec()

    assert codec.intents.decode(codec.encode(intent("r-1"))) == intent("r-1")
    assert codec.outcomes.decode(codec.encode(outcome("r-1"))) == outcome("r-1")


def test_the_request_id_is_read_without_the_rest():
    """The keys skip every other field, also those that a later version adds."""
    codec = make_codec()
    longer = msgspec.msgpack.encode([*msgspec.to_builtins(intent("r-2")), "a field of tomorrow"])

    assert codec.intent_keys.decode(longer).request_id == "r-2"
    assert codec.outcome_keys.decode(codec.encode(outcome("r-3"))).intent.request_id == "r-3"


def test_an_older_record_is_read():
    """Fields that were added later have their defaults."""
    codec = make_codec()
    shorter = msgspec.msgpack.encode(msgspec.to_builtins(intent("r-4"))[:10])

    assert codec.intents.decode(shorter).request_id == "r-4"
    assert not codec.intents.decode(shorter).agent


@pytest.mark.parametrize("version", ["older", "newer"])
def test_a_journal_of_the_version_before_or_after_is_read(version):
    """An upgrade and the way back: an outcome with fewer fields at each end, or with more, still makes its row."""
    codec = make_codec()
    whole = msgspec.to_builtins(outcome("r-5"))
    fields_of_first_release = {"outcome": 16, "intent": 32, "attempt": 7}
    if version == "older":
        record = whole[: fields_of_first_release["outcome"]]
        record[0] = record[0][: fields_of_first_release["intent"]]
        record[15] = [attempt[: fields_of_first_release["attempt"]] for attempt in record[15]]
    else:
        record = [*whole, "a field of tomorrow", {"and": "another"}]
        record[0] = [*record[0], "a field of tomorrow"]
        record[15] = [[*attempt, 5] for attempt in record[15]]
    read = codec.outcomes.decode(msgspec.msgpack.encode(record))

    assert read.intent.request_id == "r-5"
    assert (read.usage.output_tokens, read.attempts[0].provider, read.ended) == (50, "anthropic", "completed")


@pytest.mark.parametrize(
    "odd",
    [
        outcome("r", error_message="half a pair: \ud83d"),
        outcome("r", usage=Usage(output_tokens=1 << 80)),
        outcome("r", intent=intent("r", request_tags={"\udfff": "\ud800"})),
    ],
)
def test_a_record_is_kept_whatever_is_in_it(odd):
    """What cannot be written is replaced, not refused: the exchange has happened."""
    codec = make_codec()

    assert codec.outcomes.decode(codec.encode(odd)).intent.request_id == "r"


def test_counts_are_cut_to_what_a_column_holds():
    """A provider's absurd count does not stop the rows behind it."""
    cut = within_bigint(outcome("r", usage=Usage(output_tokens=(1 << 64) - 1)))

    assert cut.usage == Usage(output_tokens=BIGINT_MAX)
    assert within_bigint(outcome("r")) == outcome("r")

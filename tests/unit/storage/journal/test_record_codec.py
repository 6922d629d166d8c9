"""Records as bytes."""

import msgspec
import pytest

from headgate.core.usage import Usage, UsageLine
from headgate.storage.journal.record_codec import BIGINT_MAX, make_codec, within_bigint
from tests.fakes.records import intent, outcome


def test_records_come_back_equal():
    """An intent and an outcome survive."""
    codec = make_codec()

    assert codec.intents.decode(codec.encode(intent("r-1"))) == intent("r-1")
    assert codec.outcomes.decode(codec.encode(outcome("r-1"))) == outcome("r-1")


@pytest.mark.parametrize("agent", ["claude-code", "half \ud800 a pair"])
@pytest.mark.parametrize("message", ["", "half \ud800 a pair"])
def test_an_outcome_with_the_kept_bytes_of_its_intent_has_the_same_bytes(agent, message):
    """Whatever cannot be kept in either. Of another intent with the same id nothing is taken, and nothing stays behind."""
    codec = make_codec()
    begun = intent("r-1", agent=agent)
    ended = msgspec.structs.replace(outcome("r-1", error_message=message), intent=begun)
    other = msgspec.structs.replace(ended, intent=intent("r-1", agent="other"))

    assert codec.open(begun) == codec.encode(begun)
    assert codec.close(ended) == codec.encode(ended)
    codec.open(begun)
    assert codec.close(other) == codec.encode(other)
    codec.open(begun)
    codec.forget(begun)
    assert not codec._open


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


def test_a_usage_of_the_time_before_lines_is_read():
    """Bytes as an earlier release wrote them, every class by its name: the counts are what they were, without lines, tier or price."""
    written = (
        "dc0010dc0020a3722d31cf18d75b8423f30000a0a0a455534552a0a0a0a9616e7468726f706963a0af636c617564652d6f7075732d342d36a9616e7468726f706963a0a0c2a0a0"
        "a0a0a0a0a0a0a0a080000080a0a0a0ccc8a9636f6d706c65746564cf18d75b849b289400000087ac696e7075745f746f6b656e730ab163616368655f726561645f746f6b656e73"
        "cd03e8b563616368655f77726974655f356d5f746f6b656e73c0b563616368655f77726974655f31685f746f6b656e73c0ad6f75747075745f746f6b656e7332b0726561736f6e"
        "696e675f746f6b656e73c0a9657374696d61746564c2af636c617564652d6f7075732d342d36a0a0a0a0a000a090"
    )
    found = make_codec().outcomes.decode(bytes.fromhex(written))

    assert found.usage == Usage(input_tokens=10, cache_read_tokens=1000, output_tokens=50)
    assert (found.model_served, found.intent.model_sent) == ("claude-opus-4-6", "claude-opus-4-6")


def test_a_usage_with_everything_survives():
    """Lines, tier and the provider's own price; numbers that no column holds are cut in lines too."""
    line = UsageLine(kind="advisor_message", model="claude-fable-5", tier="us", input_tokens=1 << 62, uses=2)
    one = outcome("r-6", usage=Usage(input_tokens=1, tier="fast", beside=(line,), charge_reported=0.25))
    codec = make_codec()

    assert codec.outcomes.decode(codec.encode(one)) == within_bigint(one) == one


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

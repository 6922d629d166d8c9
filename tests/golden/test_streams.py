"""Recorded shapes of answer streams: `streams/<dialect>/<case>.sse`, and beside each what must be read of it (`<case>.json`).

An expectation holds `why`, and what is not there is not reported: `response_id`, `model_served`, `usage` (the classes that were counted), `reason`,
`failed` ([code, message]), `complete`, `text_length` and `whole` (False where the bytes end within an event). A new pair of files is a new test.
"""

import json
from pathlib import Path

import msgspec
import pytest

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.registry import PROVIDERS

STREAMS = Path(__file__).parent / "streams"
CASES = sorted(path.relative_to(STREAMS).with_suffix("").as_posix() for path in STREAMS.glob("*/*.sse"))
SIZES = (1, 2, 7, 64, 10**9)


def read(case):
    """The stream and what is expected of it."""
    return (STREAMS / f"{case}.sse").read_bytes(), json.loads((STREAMS / f"{case}.json").read_text(encoding="utf-8"))


def told(face, data, size):
    """What a reader makes of a stream that arrives in pieces of a size."""
    reader = face.reader()
    events = [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])]
    return events, reader


def expected(expectation):
    """The expectation with its defaults."""
    defaults = {"response_id": "", "model_served": "", "usage": {}, "reason": "", "failed": None, "complete": True, "whole": True}
    return {**defaults, **{name: value for name, value in expectation.items() if name not in {"why", "text_length"}}}


def found(events, reader):
    """Events and reader in the expectation's words."""
    usage = Usage()
    for event in events:
        usage = usage.updated(event.usage) if isinstance(event, UsageSeen) else usage
    started = [event for event in events if isinstance(event, Started)]
    finished = [event for event in events if isinstance(event, Finished)]
    failed = [event for event in events if isinstance(event, Failed)]
    return {
        "response_id": started[0].response_id if started else "",
        "model_served": started[0].model_served if started else "",
        "usage": {name: value for name, value in msgspec.to_builtins(usage).items() if value not in {None, ""}},  # the ordinary tier is an empty text
        "reason": finished[-1].reason if finished else "",
        "failed": [failed[-1].code, failed[-1].message] if failed else None,
        "complete": reader.complete,
        "whole": reader.at_boundary,
    }


@pytest.mark.parametrize("case", CASES)
def test_the_stream_is_read_as_expected(case):
    """However it is cut, the same is read of a stream."""
    data, expectation = read(case)
    face = PROVIDERS[case.partition("/")[0]]

    whole_events = None
    for size in SIZES:
        events, reader = told(face, data, size)
        assert found(events, reader) == expected(expectation), f"in pieces of {size}"
        assert whole_events in {None, tuple(events)}
        whole_events = tuple(events)


@pytest.mark.parametrize("case", CASES)
def test_the_text_is_counted(case):
    """The characters of the generated text, for the estimate."""
    data, expectation = read(case)

    length = PROVIDERS[case.partition("/")[0]].stream_text_length(data)

    assert length == expectation.get("text_length", length)
    assert length >= 0


def test_every_stream_has_an_expectation():
    """No stream without an expectation, and none without a stream; each says why it is there."""
    assert {path.with_suffix("") for path in STREAMS.glob("*/*.sse")} == {path.with_suffix("") for path in STREAMS.glob("*/*.json")}
    assert all(json.loads(path.read_text(encoding="utf-8"))["why"] for path in STREAMS.glob("*/*.json"))

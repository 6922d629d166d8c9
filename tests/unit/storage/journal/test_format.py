"""The journal's bytes, which every build and every release writes alike."""

import hashlib

from headgate.core.usage import Usage, UsageLine
from headgate.storage.journal import segments
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.records import QUIET, intent, outcome

# Of the frames behind the first one. A record has another digest when a field is added to it: then change it here, on purpose.
_INTENT = "9183dd858c912b3ff448174c078ecce92cde4196711c79d6ae548f53250c04de"
_OUTCOME = "1dcc1ed576496edaa728d2fc809648bcc884e50c10ca45649d625bba705ea5ba"


def test_an_intent_and_an_outcome_have_the_bytes_that_they_always_had(tmp_path):
    """The pure build and the compiled one write the same: a compiled Struct that lost a rule of its shape would show here."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    line = UsageLine(kind="advisor_message", model="claude-fable-5", tier="us", input_tokens=3, uses=2)
    journal.intent(intent("r-1"))
    journal.outcome(outcome("r-1", usage=Usage(input_tokens=1, tier="fast", beside=(line,), charge_reported=0.25)))
    journal.close()
    (segment,) = [each for each in segments.list_segments(str(tmp_path)) if segments.segment_bytes(each)]
    _, *frames = segments.read_segment(segment).frames

    assert [(frame.kind, hashlib.sha256(frame.body).hexdigest()) for frame in frames] == [(Kind.INTENT, _INTENT), (Kind.OUTCOME, _OUTCOME)]

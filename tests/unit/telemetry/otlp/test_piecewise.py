"""A large export is worked on in pieces, and comes to the same."""

import pytest

from headgate.core.errors import BadRequest
from headgate.telemetry import redact
from headgate.telemetry.otlp import piecewise
from headgate.telemetry.otlp.messages import parse
from headgate.telemetry.otlp.survey import survey
from tests.fakes import exports

BODIES = {
    "metrics": exports.metrics("a", 40) + exports.metrics("b", 3),
    "logs": exports.logs("a", 40, prompt="a secret plan") + exports.logs("b", 3),
    "spans": exports.spans("a", 40) + exports.spans("b", 3),
}


@pytest.mark.parametrize("signal", list(BODIES))
@pytest.mark.parametrize("size", [1, 50, 300, 2000])
def test_it_is_counted_the_same_in_pieces_of_any_size(signal, size, monkeypatch):
    """Items, and what their rows repeat of the resource, scope and metric: to within the tags of what was cut."""
    body = BODIES[signal]
    monkeypatch.setattr("headgate.telemetry.otlp.survey._UNFOLDED_BOUND", 0)
    whole = survey(signal, body)
    monkeypatch.setattr(piecewise, "PIECE_BYTES", size)
    pieces = survey(signal, body)
    assert (pieces.accepted, pieces.rejected, pieces.payload) == (whole.accepted, whole.rejected, body)
    assert pieces.bytes_unfolded == whole.bytes_unfolded


@pytest.mark.parametrize("size", [1, 100, 1000])
def test_it_is_redacted_the_same(size, monkeypatch):
    """Where there is nothing to redact it is the very same."""
    export = survey("logs", BODIES["logs"])
    whole = redact.apply(export, redact.prompts_off())
    monkeypatch.setattr(piecewise, "PIECE_BYTES", size)
    found = redact.apply(export, redact.prompts_off())
    assert b"secret plan" not in found.payload
    assert parse("logs", found.payload) == parse("logs", whole.payload)
    assert redact.apply(export, redact.compile_rules(["nothing.of.it"])) is export


def test_no_piece_is_larger_than_it_should_be(monkeypatch):
    """But for a single item, which is never cut."""
    monkeypatch.setattr(piecewise, "PIECE_BYTES", 700)
    sizes = []
    piecewise.rewritten("logs", BODIES["logs"], lambda _level, piece: sizes.append(len(piece)) or piece)
    assert len(sizes) > 10
    assert max(sizes) <= 700


def test_a_name_to_redact_is_found_across_two_windows(monkeypatch):
    """Wherever a window ends."""
    body = BODIES["logs"]
    for window in range(1, 60):
        monkeypatch.setattr(redact, "_WINDOW_BYTES", window)
        assert redact.prompts_off().may_concern(body)


@pytest.mark.parametrize("tail", [b"\x0b", b"\x0a\x7f", b"\x09\x00", b"\xff"])
def test_what_breaks_off_is_refused(tail, monkeypatch):
    """As the official parser does."""
    monkeypatch.setattr(piecewise, "PIECE_BYTES", 10)
    with pytest.raises(BadRequest, match="not an OTLP logs export"):
        survey("logs", BODIES["logs"] + tail)

"""What Codex says of a turn."""

import msgspec

from headgate.policy.turn_metadata import TurnMetadata


def test_what_is_kept_of_it():
    """Its identifiers; whatever else it says is not read."""
    read = msgspec.json.decode(b'{"session_id":"s","turn_id":"t","sandbox":"none"}', type=TurnMetadata)

    assert read == TurnMetadata(session_id="s", turn_id="t")

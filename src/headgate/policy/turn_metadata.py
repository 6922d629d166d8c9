"""What Codex says of a turn, in a header."""

import msgspec


class TurnMetadata(msgspec.Struct):
    """The part of Codex's `x-codex-turn-metadata` that is kept."""

    session_id: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None
    parent_thread_id: str | None = None

"""The bounds of a journal."""

import msgspec


class JournalLimits(msgspec.Struct, frozen=True, kw_only=True):
    """When segments are finished and synced, and how much may wait for the flusher."""

    roll_s: float = 1.0
    segment_bytes: int = 64 << 20
    sync_interval_s: float = 0.1
    backlog_bytes_max: int = 4 << 30
    reserve_bytes: int = 64 << 20
    lock_wait_s: float = 5.0

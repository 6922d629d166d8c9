"""The bounds of what is kept of conversations."""

import msgspec


class KeepingLimits(msgspec.Struct, frozen=True, kw_only=True):
    """For how long, how many and how many bytes: of responses for one principal and in all, of what was hidden with calls in all. The oldest are deleted."""

    keep_s: float = 30 * 86_400.0
    principal_count_max: int = 10_000
    principal_bytes_max: int = 128 << 20
    bytes_max: int = 1 << 30
    states_keep_s: float = 12 * 3600.0
    states_count_max: int = 200_000
    states_bytes_max: int = 256 << 20
    states_in_memory_bytes_max: int = 32 << 20

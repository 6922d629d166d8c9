"""The bounds of an exchange, as compiled from the configuration. The caller passes them; nothing here reads a setting."""

import msgspec


class StreamLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a stream may be silent, how long it may last, and how much of it is kept for counting.

    `early_headers_s`: Gemini CLI gives up when no headers came within 60 s, so a stream's headers are sent before the provider's when it takes longer.
    `keep_alive_s`: silence after which the dialect's keep-alive is sent (every client waits at least 60 s between events).
    `drain_after_client_s` and `drains_max`: how long, and how many at once, an answer is read on for its usage after its client has left.
    """

    keep_alive_s: float = 15.0
    early_headers_s: float = 40.0
    first_byte_timeout_s: float = 600.0
    idle_timeout_s: float = 300.0
    total_timeout_s: float = 3600.0
    drain_after_client_s: float = 30.0
    drains_max: int = 64
    whole_answer_bytes: int = 8 << 20  # an unstreamed answer is read for its usage and sent in one piece up to this size
    kept_stream_bytes: int = 64 << 10  # of a stream, for the estimate where it reports no usage
    held_answer_bytes: int = 64 << 20  # of one answer, where its content is kept
    translated_objects_max: int = 50_000  # in the body of a request that is translated

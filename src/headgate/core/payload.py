"""The logged content of an exchange: the request and the answer as text, with the columns that a reader needs to find and join them.

It is journalled as a MessagePack array inside a batch, so fields are only ever added at the end, with defaults.
"""

import msgspec

MAX_REQUEST_SIZE_EXCEEDED = "MAX_REQUEST_SIZE_EXCEEDED"
MAX_RESPONSE_SIZE_EXCEEDED = "MAX_RESPONSE_SIZE_EXCEEDED"


class LoggedPayload(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """One row of a payload table. A body that is too large is `None`, is named in `error_codes`, and is in the file instead.

    `response` is one JSON value, for a streamed answer too.
    """

    request_id: str
    event_time_ns: int
    endpoint: str = ""
    requester: str = ""
    status_code: int = 0
    latency_ms: int = 0
    time_to_first_byte_ms: int = 0
    sampling_fraction: float = 1.0
    request: str | None = None
    response: str | None = None
    request_file: str = ""
    response_file: str = ""
    error_codes: tuple[str, ...] = ()
    provider: str = ""
    model_sent: str = ""
    session_id: str = ""
    url: str = ""
    api_type: str = ""
    request_tags: dict[str, str] = {}

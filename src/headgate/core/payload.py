"""What is logged of an exchange's content: the request and the answer as text, with what a reader needs to find and join them.

Journalled as a MessagePack array inside a batch, so fields are only ever added at the end, with defaults.
"""

import msgspec

MAX_REQUEST_SIZE_EXCEEDED = "MAX_REQUEST_SIZE_EXCEEDED"
MAX_RESPONSE_SIZE_EXCEEDED = "MAX_RESPONSE_SIZE_EXCEEDED"


class LoggedPayload(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """One row of a payload table. A body that was too large is `None` here, named in `error_codes`, and lies in the file beside it.

    `response` is one JSON value, also of an answer that was streamed.
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

"""What the door hands to the journey: one request, read whole under its limits, its caller known."""

import msgspec

from headgate.core.principal import Grant
from headgate.dialects.dialect import Dialect, Operation
from headgate.exchange.ports import Attribution, Headers


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """One authenticated request. `path_model` is the model in the path (Gemini), `query` the raw query without a credential."""

    request_id: str
    dialect: Dialect
    operation: Operation
    grant: Grant
    attribution: Attribution
    headers: Headers
    body: bytes
    path: str
    path_model: str = ""
    query: str = ""
    ip_address: str = ""
    request_tags: dict[str, str] = {}
    trace_id: str = ""
    parent_span_id: str = ""
    received_at_ns: int = 0
    received_at_s: float = 0.0

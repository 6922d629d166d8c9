"""What the gateway passes to the journey: one request, read whole under its limits, its caller known."""

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.client_credential import ClientCredential
from headgate.core.errors import BadRequest
from headgate.core.headers import Headers
from headgate.core.record import Attribution
from headgate.dialects.faces import ClientFace, Operation
from headgate.dialects.scanned import Scanned
from headgate.exchange.head_memory import HeadMemory


class Inbound(msgspec.Struct, kw_only=True):
    """One authenticated request. `path_model` is the model in the path (Gemini), `query` the raw query without a credential.

    The gateway fills in the body when it is whole, and for a large one what the look at it found; from then on nothing is changed.
    """

    request_id: str
    face: ClientFace
    operation: Operation
    token: AccessToken
    own: ClientCredential | None = None  # the client's credential for the provider, beside its token
    attribution: Attribution
    headers: Headers
    path: str
    body: bytes = b""
    checked: Scanned | BadRequest | None = None  # of a large body, which the gateway has checked in steps
    path_model: str = ""
    query: str = ""
    ip_address: str = ""
    request_tags: dict[str, str] = {}
    trace_id: str = ""
    parent_span_id: str = ""
    received_at_ns: int = 0
    received_at_s: float = 0.0
    memory: HeadMemory | None = None  # of a head that its connection may repeat

"""What the gateway passes to the journey: one request, read whole under its limits, its caller known."""

from typing import final

from headgate.core.access_token import AccessToken
from headgate.core.client_credential import ClientCredential
from headgate.core.errors import BadRequest
from headgate.core.headers import Headers
from headgate.core.record import Attribution
from headgate.dialects.faces import ClientFace, Operation
from headgate.dialects.scanned import Scanned
from headgate.exchange.head_memory import HeadMemory


@final
class JudgedHead:
    """A head, as the gateway judged it: what all requests have in common whose connection repeats it. It is filled in where it is made, and not changed after.

    `path_model` is the model in the path (Gemini), `query` the raw query without a credential.
    """

    __slots__ = ("face", "ip_address", "memory", "operation", "own", "path", "path_model", "query", "request_tags", "token")

    def __init__(self, face: ClientFace, operation: Operation, token: AccessToken, path: str) -> None:
        self.face = face
        self.operation = operation
        self.token = token
        self.path = path
        self.own: ClientCredential | None = None  # the client's credential for the provider, beside its token
        self.path_model = ""
        self.query = ""
        self.ip_address = ""
        self.request_tags: dict[str, str] = {}
        self.memory: HeadMemory | None = None  # of a head that its connection may repeat


@final
class Inbound:
    """One authenticated request. `received` is when: the wall clock in nanoseconds, and the clock that never goes back in seconds.

    The gateway fills in the body when it is whole, and for a large one what the look at it found; from then on nothing is changed.
    """

    __slots__ = (
        "attribution",
        "body",
        "checked",
        "head",
        "headers",
        "parent_span_id",
        "received_at_ns",
        "received_at_s",
        "request_id",
        "trace_id",
    )

    def __init__(self, head: JudgedHead, request_id: str, headers: Headers, attribution: Attribution, received: tuple[int, float]) -> None:
        self.head = head
        self.request_id = request_id
        self.headers = headers
        self.attribution = attribution
        self.received_at_ns, self.received_at_s = received
        self.body = b""
        self.checked: Scanned | BadRequest | None = None  # of a large body, which the gateway has checked in steps
        self.trace_id = ""
        self.parent_span_id = ""

    def again(self, request_id: str, headers: Headers) -> "Inbound":
        """Another request with this head and what it says, without a body and as of the same time."""
        made = Inbound(self.head, request_id, headers, self.attribution, (self.received_at_ns, self.received_at_s))
        made.trace_id, made.parent_span_id = self.trace_id, self.parent_span_id
        return made

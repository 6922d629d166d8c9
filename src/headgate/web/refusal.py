"""What the front answers to what it does not take: fixed words that repeat nothing of the input. It decides nothing."""

from collections.abc import Callable, Mapping

import msgspec

from headgate.core.errors import BadRequest, GatewayError, TooLarge, Unavailable
from headgate.core.headers import Headers
from headgate.dialects.faces import ClientFace
from headgate.exchange.headers import request_ids
from headgate.web.routes import dialect_of_path

_ERRORS: Mapping[str, type[GatewayError]] = {"bad_request": BadRequest, "too_large": TooLarge, "unavailable": Unavailable}
_JSON = b"application/json"


class Refusal(msgspec.Struct, frozen=True):
    """One reason to refuse a request before any application sees it. `lines` are header lines of its own, each with its CRLF."""

    status: int
    phrase: str
    kind: str
    message: str
    lines: bytes = b""

    def answer(self, headers: Headers, body: bytes) -> bytes:
        """The whole answer, head and body; it always closes the connection."""
        head = f"HTTP/1.1 {self.status} {self.phrase}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n".encode()
        return b"".join([head, *(b"%b: %b\r\n" % header for header in headers), self.lines, b"\r\n", body])


Wording = Callable[[bytes, Refusal], bytes]  # the whole answer to a request with this target, as far as it was read


def plainly(_target: bytes, reason: Refusal) -> bytes:
    """The reason in JSON that belongs to no dialect."""
    return reason.answer([(b"content-type", _JSON)], msgspec.json.encode({"error": {"message": reason.message, "type": reason.kind}}))


def in_dialects(faces: Mapping[str, ClientFace], new_request_id: Callable[[], str]) -> Wording:
    """The reason in the shape that the client of the path reads, as every other error."""

    def worded(target: bytes, reason: Refusal) -> bytes:
        face = faces[dialect_of_path(target.partition(b"?")[0].decode("latin-1"))]
        request_id = new_request_id()
        _, headers, body = face.error(_ERRORS[reason.kind](reason.message, status=reason.status), request_id)
        return reason.answer([*headers, *request_ids(request_id)], body)

    return worded


MALFORMED = Refusal(400, "Bad Request", "bad_request", "The request is not well-formed HTTP/1.1.")
BAD_TARGET = Refusal(400, "Bad Request", "bad_request", "The request target is not a plain absolute path.")
BAD_HOST = Refusal(400, "Bad Request", "bad_request", "The request must name one host, and one that is served here.")
BAD_LENGTH = Refusal(400, "Bad Request", "bad_request", "The Content-Length header is not one plain decimal number.")
BAD_CODING = Refusal(400, "Bad Request", "bad_request", "The only transfer coding taken is a single `chunked`, in HTTP/1.1, without Content-Length.")
BAD_CHUNKS = Refusal(400, "Bad Request", "bad_request", "The chunked body is not well-formed.")
BAD_VALUE = Refusal(400, "Bad Request", "bad_request", "A header that must be ASCII is not.")
BAD_METHOD = Refusal(
    405,
    "Method Not Allowed",
    "bad_request",
    "The method is not served here.",
    b"allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n",
)
TOO_SLOW = Refusal(408, "Request Timeout", "bad_request", "The request took too long to arrive.")
BODY_TOO_LARGE = Refusal(413, "Content Too Large", "too_large", "The request body is larger than the gateway's limit.")
TARGET_TOO_LONG = Refusal(414, "URI Too Long", "too_large", "The request target is longer than the gateway's limit.")
BAD_EXPECTATION = Refusal(417, "Expectation Failed", "bad_request", "The only expectation taken is `100-continue`.")
HEAD_TOO_LARGE = Refusal(431, "Request Header Fields Too Large", "too_large", "The request's headers are larger, or more, than the gateway's limit.")
OVERLOADED = Refusal(
    503, "Service Unavailable", "unavailable", "The gateway holds as many request bodies as it may; try again shortly.", b"retry-after: 5\r\n"
)
TOO_MANY = Refusal(
    503, "Service Unavailable", "unavailable", "The gateway has as many connections as it may; try again shortly.", b"retry-after: 5\r\n"
)
BAD_VERSION = Refusal(505, "HTTP Version Not Supported", "bad_request", "The gateway speaks HTTP/1.1.")

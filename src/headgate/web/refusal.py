"""What the front answers to what it does not take: fixed bytes that repeat nothing of the input. It decides nothing."""

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """One reason to refuse a request before any application sees it. `lines` are header lines of its own, each with its CRLF."""

    status: int
    phrase: str
    kind: str
    message: str
    lines: bytes = b""

    @property
    def answer(self) -> bytes:
        """The whole answer, head and body; it always closes the connection."""
        body = msgspec.json.encode({"error": {"message": self.message, "type": self.kind}})
        head = f"HTTP/1.1 {self.status} {self.phrase}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
        return head.encode() + self.lines + b"\r\n" + body


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
BAD_VERSION = Refusal(505, "HTTP Version Not Supported", "bad_request", "The gateway speaks HTTP/1.1.")

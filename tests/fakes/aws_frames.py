"""Frames of AWS's event stream, as a server writes them, and what checks a signature independently of the gateway's own code."""

import base64
import json
import struct
import zlib

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One message with texts as headers."""
    coded = b"".join(
        bytes([len(name.encode())]) + name.encode() + b"\x07" + struct.pack(">H", len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 16 + len(coded) + len(payload), len(coded))
    checked = prelude + struct.pack(">I", zlib.crc32(prelude)) + coded + payload
    return checked + struct.pack(">I", zlib.crc32(checked))


def chunk(event: dict[str, object] | bytes) -> bytes:
    """An event of Anthropic's in a message of Bedrock's, with the padding that AWS adds."""
    text = event if isinstance(event, bytes) else json.dumps(event).encode()
    payload = json.dumps({"bytes": base64.b64encode(text).decode(), "p": "abcdefgh"}).encode()
    return frame({":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}, payload)


def exception(kind: str, message: str) -> bytes:
    """What fails within a stream."""
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, json.dumps({"message": message}).encode())


def authorization_of(method: str, url: str, headers: dict[str, str], body: bytes, keys: tuple[str, str, str], region: str) -> str:
    """The `Authorization` that AWS's own library gives a request, at the time that its `x-amz-date` says."""
    signed = {name: value for name, value in headers.items() if name in {"content-type", "x-amz-date"}}
    request = AWSRequest(method=method, url=url, headers=signed, data=body)
    signer = SigV4Auth(Credentials(keys[0], keys[1], keys[2] or None), "bedrock", region)
    request.context["timestamp"] = headers["x-amz-date"]
    if keys[2]:
        request.headers["X-Amz-Security-Token"] = keys[2]
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signature}"

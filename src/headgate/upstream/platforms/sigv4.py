"""AWS Signature Version 4 in headers. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

Signed are the host, the content type and AWS's own headers; a proxy on the way may change any other.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote, unquote

import msgspec

from headgate.core.headers import Headers
from headgate.core.secret import Secret

_ALGORITHM = "AWS4-HMAC-SHA256"


class AwsKeys(msgspec.Struct, frozen=True):
    """What signs. `session_token` is sent with temporary keys."""

    key_id: str
    secret: Secret
    session_token: Secret | None = None


class SignedScope(msgspec.Struct, frozen=True):
    """Where a signature counts."""

    region: str
    service: str


class UnsignedRequest(msgspec.Struct, frozen=True):
    """What is signed of a request. `target` is path and query as they are sent."""

    method: str
    host: str
    target: str
    content_type: str
    body: bytes


def signature_headers(request: UnsignedRequest, keys: AwsKeys, scope: SignedScope, now_ns: int) -> Headers:
    """The headers that make a request a signed one."""
    at = dt.datetime.fromtimestamp(now_ns // 1_000_000_000, dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = [("content-type", request.content_type)] if request.content_type else []
    signed += [("host", request.host), ("x-amz-date", at)]
    if keys.session_token is not None:
        signed.append(("x-amz-security-token", keys.session_token.reveal()))
    names = ";".join(name for name, _ in signed)
    canonical = "\n".join((
        request.method,
        *_canonical_target(request.target),
        *(f"{name}:{value}" for name, value in signed),
        "",
        names,
        hashlib.sha256(request.body).hexdigest(),
    ))
    place = f"{at[:8]}/{scope.region}/{scope.service}/aws4_request"
    to_sign = "\n".join((_ALGORITHM, at, place, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = _hmac(_signing_key(keys.secret.reveal(), at[:8], scope.region, scope.service), to_sign).hex()
    authorization = f"{_ALGORITHM} Credential={keys.key_id}/{place}, SignedHeaders={names}, Signature={signature}"
    added = [(b"x-amz-date", at.encode()), (b"authorization", authorization.encode())]
    return added if keys.session_token is None else [(b"x-amz-security-token", keys.session_token.reveal().encode()), *added]


def _canonical_target(target: str) -> Sequence[str]:
    """The path, coded once more than it is sent (only S3 does not), and the query in order."""
    path, _, query = target.partition("?")
    pairs = sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)
    )
    return quote(path, safe="/~"), "&".join(f"{name}={value}" for name, value in pairs)


@lru_cache(maxsize=16)
def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The same for a day."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()

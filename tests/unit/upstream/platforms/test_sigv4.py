"""Signatures: AWS's published examples, and AWS's own library for what these lack.

The examples are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and of AWS's test suite, with the key
AKIDEXAMPLE, at 2015-08-30 12:36:00 UTC.
"""

import datetime as dt

import pytest

from headgate.core.secret import Secret
from headgate.upstream.platforms.sigv4 import AwsKeys, SignedScope, UnsignedRequest, signature_headers
from tests.fakes.aws_frames import authorization_of

KEYS = AwsKeys("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
AT_NS = int(dt.datetime(2015, 8, 30, 12, 36, tzinfo=dt.UTC).timestamp()) * 1_000_000_000
PLACE = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{}/aws4_request, SignedHeaders={}, Signature={}"


@pytest.mark.parametrize(
    ("request_", "service", "names", "signature"),
    [
        (UnsignedRequest("GET", "iam.amazonaws.com", "/?Action=ListUsers&Version=2010-05-08", "application/x-www-form-urlencoded; charset=utf-8", b""),
         "iam", "content-type;host;x-amz-date", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
        (UnsignedRequest("GET", "example.amazonaws.com", "/", "", b""),
         "service", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (UnsignedRequest("POST", "example.amazonaws.com", "/", "", b""),
         "service", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (UnsignedRequest("GET", "example.amazonaws.com", "/?Param2=value2&Param1=value1", "", b""),
         "service", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ],
)  # fmt: skip
def test_published_examples(request_, service, names, signature):
    """AWS publishes these signatures."""
    headers = dict(signature_headers(request_, KEYS, SignedScope("us-east-1", service), AT_NS))
    assert headers == {b"x-amz-date": b"20150830T123600Z", b"authorization": PLACE.format(service, names, signature).encode()}


@pytest.mark.parametrize("target", ["/model/eu.anthropic.claude-v1%3A0/invoke", "/a%2Fb/x~y", "/foundation-models?byProvider=anthropic&b=%C3%BC"])
@pytest.mark.parametrize("token", ["", "IQoJb3Jp//+token=="])
def test_as_awss_own_library(target, token):
    """Paths with escapes, queries and session tokens: equal to what AWS's library makes of the same request."""
    keys = AwsKeys(KEYS.key_id, KEYS.secret, Secret(token) if token else None)
    unsigned = UnsignedRequest("POST", "bedrock-runtime.eu-west-1.amazonaws.com", target, "application/json", '{"a":"ü"}'.encode())
    headers = {name.decode(): value.decode() for name, value in signature_headers(unsigned, keys, SignedScope("eu-west-1", "bedrock"), AT_NS)}
    url = f"https://{unsigned.host}{target}"
    sent = headers | {"content-type": "application/json"}
    expected = authorization_of("POST", url, sent, unsigned.body, (keys.key_id, keys.secret.reveal(), token), "eu-west-1")
    assert headers["authorization"] == expected
    assert headers.get("x-amz-security-token", "") == token

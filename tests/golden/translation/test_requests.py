"""Every request for every model: what its provider is asked, or why it is not. Of the client's own dialect only what differs from the request is kept.

An expectation holds the operation, the losses and the body, or the refusal. Each body is also one that the provider's official SDK could have sent.
"""

import json

import pytest

from headgate.core.errors import GatewayError
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS
from tests.fakes import sdk_requests
from tests.golden.translation.cases import CLIENTS, DIALECTS, operation_of, pretty, request_bytes
from tests.golden.translation.expected import compare, expectation
from tests.golden.translation.journey import Sent, translated
from tests.golden.translation.matrix import MISSING_CLIENTS, MISSING_PROVIDERS, PAIRS, TARGETS, UNTYPED_BODIES


def shown(result: Sent | GatewayError) -> dict[str, object]:
    """A result as it is kept."""
    if isinstance(result, GatewayError):
        return {"refused": {"status": result.status, "code": result.code, "message": result.message}}
    body = json.loads(result.body)
    query = {"query": result.query} if result.query else {}
    stop = {"stop": list(result.prepared.stop)} if result.prepared.stop else {}
    return {"operation": result.operation, **query, **stop, "losses": [[loss.what, loss.why] for loss in result.losses], "body": body}


@pytest.mark.parametrize(("case", "label"), PAIRS)
def test_a_request_is_said_as_expected(case, label):
    """The same operation, body and losses as in the file, every time."""
    source, operation, body = case.partition("/")[0], operation_of(case), request_bytes(case)
    result = shown(translated(source, operation, body, TARGETS[label]))
    same = result == {"operation": operation, "losses": [], "body": json.loads(body)}

    compare(expectation("requests", case, label, ".json"), None if same else (pretty(result) + "\n").encode())
    assert shown(translated(source, operation, body, TARGETS[label])) == result


@pytest.mark.parametrize(("case", "label"), [pair for pair in PAIRS if pair not in UNTYPED_BODIES])
def test_a_body_is_one_of_the_providers_dialect(case, label):
    """The types of the provider's SDK have every member of it."""
    result = translated(case.partition("/")[0], operation_of(case), request_bytes(case), TARGETS[label])

    if isinstance(result, Sent):
        sdk_requests.check(result.operation, json.loads(result.body))


def test_every_codec_is_here_or_known_to_be_missing():
    """A codec that is added takes its dialect off the list."""
    assert {*CLIENT_CODECS, *MISSING_CLIENTS} == set(CLIENTS)
    assert {*PROVIDER_CODECS, *MISSING_PROVIDERS} == set(DIALECTS)
    assert not {*CLIENT_CODECS} & {*MISSING_CLIENTS}
    assert not {*PROVIDER_CODECS} & {*MISSING_PROVIDERS}

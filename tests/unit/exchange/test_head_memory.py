"""What is remembered of a head that its connection repeats: it changes no decision and no header, and ends with its snapshot."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.client_credential import ClientCredential
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.errors import Forbidden, UnknownModel
from headgate.core.principal_name import PrincipalName
from headgate.core.secret import Secret
from headgate.dialects.registry import PROVIDERS
from headgate.exchange.head_memory import HeadMemory
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.settle import intent_of
from headgate.exchange.targets import endpoint_of, require_permission
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable
from tests.unit.exchange.journeys import ENDPOINT, LAB, SPARE, Stage

CHANGING = frozenset({b"x-id", b"traceparent", b"x-request-id"})
NAMES = [
    b"x-id", b"traceparent", b"x-request-id", b"authorization", b"x-api-key", b"anthropic-version", b"connection", b"accept", b"x-other", b"cookie",
]  # fmt: skip
WORDS = st.from_regex(rb"[A-Za-z0-9.-]{1,9}", fullmatch=True)
FIXED = st.sampled_from([b"", b"keep-alive", b"x-id, traceparent", b"hg_token", b"2023-06-01"])


@st.composite
def heads(draw):
    """The headers of some requests that differ in the values that may change."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=8))
    fixed = [draw(FIXED) for _ in names]
    return [
        [(name, draw(WORDS) if name in CHANGING else value) for name, value in zip(names, fixed, strict=True)] for _ in range(draw(st.integers(2, 4)))
    ]


@given(heads(), st.booleans())
def test_the_headers_that_are_sent_are_those_that_are_sent_without_it(requests, with_own):
    """To each provider; what one request does to its list reaches no other."""
    memory, headers = HeadMemory(object(), requests[0], CHANGING), ClientHeaders()
    own = ClientCredential(b"authorization", Secret("sk-ant-own-credential")) if with_own else None
    takes = msgspec.structs.replace(LAB, name="own", base_url="https://api.anthropic.com", auth="client", api_key=None)
    ways = (
        [(takes, PROVIDERS["anthropic"])]
        if with_own
        else [(LAB, PROVIDERS["anthropic"]), (LAB, PROVIDERS["openai_chat"]), (SPARE, PROVIDERS["anthropic"])]
    )
    for sent in requests:
        for provider, face in ways:
            found = headers.to_provider(sent, provider, face, own, memory)
            assert found == headers.to_provider(sent, provider, face, own)
            found.clear()


def test_known_headers_say_which_values_change():
    """In the order of what is sent; the same object each time, for who writes them."""
    sent = [(b"x-id", b"1"), (b"cookie", b"c"), (b"x-request-id", b"2"), (b"accept", b"a")]
    memory, face = HeadMemory(object(), sent, CHANGING), PROVIDERS["anthropic"]
    assert memory.sent(LAB, face.name) is None
    ClientHeaders().to_provider(sent, LAB, face, None, memory)
    found = memory.sent(LAB, face.name)

    assert [found.of(sent)[place] for place in found.known.places] == [(b"x-id", b"1"), (b"x-request-id", b"2")]
    assert memory.sent(LAB, face.name).known is found.known


def test_a_changed_provider_is_another_one():
    """Its key may be."""
    sent = [(b"accept", b"a")]
    memory, face = HeadMemory(object(), sent, CHANGING), PROVIDERS["anthropic"]
    changed = msgspec.structs.replace(LAB, api_key=Secret("another-key"))
    keys = [dict(ClientHeaders().to_provider(sent, provider, face, None, memory))[b"x-api-key"] for provider in (LAB, changed, LAB)]

    assert keys == [LAB.api_key.reveal().encode(), b"another-key", LAB.api_key.reveal().encode()]


def inbound_of(stage: Stage):
    """A request whose head has a memory that belongs to the stage's snapshot."""
    inbound = stage.inbound(b"{}")
    inbound.head.memory = HeadMemory(stage.snapshot, inbound.headers, CHANGING)
    return inbound


def test_an_endpoint_that_is_gone_answers_no_more():
    """With the snapshot that has it not; and nothing is remembered for another snapshot."""
    stage = Stage()
    inbound, first = inbound_of(stage), stage.snapshot
    assert endpoint_of(first, inbound, ENDPOINT.name) is endpoint_of(first, inbound, ENDPOINT.name)
    without = msgspec.structs.replace(first, endpoints=EndpointTable([]))
    for _ in range(2):
        with pytest.raises(UnknownModel):
            endpoint_of(without, inbound, ENDPOINT.name)
    assert endpoint_of(first, inbound, ENDPOINT.name).name == ENDPOINT.name


def test_a_permission_that_is_gone_permits_no_more():
    """Nor does one for an endpoint permit another, nor is a refusal forgotten."""
    stage = Stage()
    inbound, first = inbound_of(stage), stage.snapshot
    endpoint = endpoint_of(first, inbound, ENDPOINT.name)
    for _ in range(2):
        require_permission(first, inbound, endpoint)
    grants = PermissionTable((EndpointGrant(PrincipalName("somebody"), "*"),), frozenset({"somebody"}))
    narrow = msgspec.structs.replace(first, permissions=grants)
    for _ in range(2):
        with pytest.raises(Forbidden):
            require_permission(narrow, inbound, endpoint)
    inbound.head.token = msgspec.structs.replace(inbound.head.token, endpoints=(ENDPOINT.name,))
    require_permission(first, inbound, endpoint)
    for _ in range(2):
        with pytest.raises(Forbidden):
            require_permission(first, inbound, msgspec.structs.replace(endpoint, name="another"))


TEXTS = st.sampled_from(["", "a", "b" * 64])


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 400), st.booleans(), st.sampled_from(["opus", "sonnet"]), TEXTS, TEXTS), min_size=2, max_size=5)
)
def test_an_intent_is_what_it_is_without_it(requests):
    """Whatever differs between two requests with one head: the body, the model, the endpoint, the ids, the time."""
    stage = Stage()
    memory, face = HeadMemory(stage.snapshot, [], CHANGING), stage.inbound(b"").head.face
    for number, (stream, size, other, model, client_request_id, trace_id) in enumerate(requests):
        body = b'{"model":"%b","max_tokens":5,"stream":%b,"messages":[],"metadata":{"user_id":"%b"}}' % (
            model.encode(),
            b"true" if stream else b"false",
            b"u" * size,
        )
        inbound = stage.inbound(body)
        inbound.request_id, inbound.received_at_ns, inbound.trace_id = f"req_{number}", number, trace_id
        inbound.attribution = msgspec.structs.replace(inbound.attribution, client_request_id=client_request_id, turn_id=client_request_id[1:])
        endpoint = msgspec.structs.replace(ENDPOINT, name="another") if other else ENDPOINT
        asked = face.read(body, inbound.head.operation, "")
        expected = intent_of(inbound, asked, endpoint, endpoint.targets[0])
        inbound.head.memory = memory
        assert intent_of(inbound, asked, endpoint, endpoint.targets[0]) == expected
        assert not intent_of(inbound, asked, endpoint, None).provider


def test_it_holds_a_bounded_number():
    """A client may invent names."""
    stage = Stage()
    memory = HeadMemory(stage.snapshot, [], CHANGING)
    for number in range(20):
        memory.name(stage.snapshot, f"m{number}", ENDPOINT)
        memory.permit(stage.snapshot, msgspec.structs.replace(ENDPOINT, name=f"e{number}"))

    assert [memory.named(stage.snapshot, f"m{number}") is not None for number in (0, 7, 8, 19)] == [True, True, False, False]
    assert not memory.permits(stage.snapshot, msgspec.structs.replace(ENDPOINT, name="e0"))

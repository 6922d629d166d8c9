"""A test of a provider: what is sent, and what becomes of the answer."""

import json

import pytest

from headgate.core.endpoint import Provider, target_of
from headgate.core.errors import UpstreamFailed
from headgate.core.secret import Secret
from headgate.exchange.circuits import Circuits
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.provider_check import TIMEOUT_S, CheckedProvider, Checking
from headgate.exchange.provider_memory import ProviderMemory
from tests.fakes.ports import FakeClock, FakeUpstream

KEY = "sk-canary-0123456789"
LAB = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9", api_key=Secret(KEY))


class Lab:
    """A test of one provider whose answer is pushed."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.upstream = FakeUpstream()
        self.memory = ProviderMemory(self.clock)
        self.circuits = Circuits(self.clock)
        self.found: list[CheckedProvider] = []
        self.checking = Checking(lambda _: self.upstream, self.clock, self.memory, self.circuits, ClientHeaders())

    def answer(self, status: int, body: bytes, model: str = "m") -> CheckedProvider:
        """The result of a test that is answered so."""
        self.checking.check(LAB, model, self.found.append)
        self.clock.now_s += 0.25
        sink = self.upstream.sinks[-1]
        sink.head(status, [])
        sink.data(body)
        sink.end()
        return self.found[-1]


@pytest.fixture
def lab() -> Lab:
    """A provider to test."""
    return Lab()


def test_what_is_sent(lab: Lab) -> None:
    """The smallest request with the provider's key, bounded in time."""
    lab.checking.check(LAB, "m", lab.found.append)
    (request,) = lab.upstream.requests
    headers = dict(request.headers)
    assert (request.method, request.target, request.deadlines.total_s) == ("POST", "/v1/messages", TIMEOUT_S)
    assert headers[b"x-api-key"] == KEY.encode()
    assert headers[b"anthropic-version"] == b"2023-06-01"
    assert json.loads(request.body)["model"] == "m"


def test_a_good_answer(lab: Lab) -> None:
    """It is told with its latency, and ends what was remembered against the key and the target."""
    target = target_of(LAB, "m")
    lab.memory.key_refused(LAB, 401)
    for _ in range(5):
        lab.circuits.fails(target)
    assert lab.circuits.state(target).pause_s > 0
    found = lab.answer(200, b'{"model": "m-1", "type": "message"}')
    assert (found.verdict, found.status, found.message, found.latency_ms) == ("good", 200, "It answered with the model m-1.", 250)
    assert lab.memory.refused_keys() == []
    assert lab.circuits.state(target).failures == 0


def test_a_refused_key_is_remembered(lab: Lab) -> None:
    """In the provider's words, without the key that some repeat."""
    body = json.dumps({"type": "error", "error": {"type": "authentication_error", "message": f"invalid key {KEY}"}}).encode()
    found = lab.answer(401, body)
    assert (found.verdict, found.status) == ("key_refused", 401)
    assert found.message == f"invalid key {'*' * len(KEY)}"
    assert lab.memory.refused_keys() == ["lab"]


def test_another_refusal_is_not_about_the_key(lab: Lab) -> None:
    """Such as one of an unknown model; the circuit of no target is touched."""
    found = lab.answer(404, b'{"type": "error", "error": {"type": "not_found_error", "message": "model: m"}}')
    assert (found.verdict, found.message) == ("refused", "model: m")
    assert not lab.circuits.troubled


def test_no_answer(lab: Lab) -> None:
    """The words are those of the gateway."""
    lab.checking.check(LAB, "", lab.found.append)
    lab.upstream.sinks[-1].fail(UpstreamFailed("Provider lab cannot be reached: connection refused (127.0.0.1:9)."))
    (found,) = lab.found
    assert (found.verdict, found.status, found.model) == ("failed", 0, "")
    assert "connection refused" in found.message


def test_an_endless_answer_is_cut(lab: Lab) -> None:
    """A provider that sends without end has answered."""
    lab.checking.check(LAB, "m", lab.found.append)
    sink = lab.upstream.sinks[-1]
    sink.head(200, [])
    while not lab.found:
        sink.data(b"x" * (1 << 18))
    assert lab.upstream.calls[-1].cancelled
    assert lab.found[0].verdict == "good"

"""The demo provider behind the upstream port."""

import asyncio

import pytest

from headgate.core.endpoint import Provider
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.demo import demo_upstream
from headgate.upstream.demo.demo_upstream import DemoUpstream, demo_providers

BODY = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]}'


class Listener:
    """A sink that keeps what it hears."""

    def __init__(self):
        self.heard = []
        self.ended = asyncio.Event()
        self.on_data = lambda: None

    def head(self, status, headers):
        self.heard.append(("head", status, dict(headers)))

    def data(self, chunk):
        self.heard.append(("data", chunk))
        self.on_data()

    def end(self):
        self.heard.append(("end",))
        self.ended.set()

    def fail(self, error):
        self.heard.append(("fail", error))


@pytest.fixture
def no_waiting(monkeypatch):
    """Plays without pauses."""
    for name in ("FIRST_BYTE_S", "FRAME_S", "FRAME_JITTER_S"):
        monkeypatch.setattr(demo_upstream, name, 0.0)


def request(body=BODY):
    """A request to the demo of Anthropic."""
    return UpstreamRequest(demo_providers()[0], "POST", "/v1/messages", [], body)


@pytest.mark.usefixtures("no_waiting")
async def test_plays_head_data_and_end_in_order():
    """The sink hears nothing before `send` returns, then one head, the frames, one end."""
    listener = Listener()
    DemoUpstream().send(request(), listener)
    assert listener.heard == []
    await asyncio.wait_for(listener.ended.wait(), 5)
    kinds = [entry[0] for entry in listener.heard]
    assert kinds[0] == "head"
    assert kinds[-1] == "end"
    assert set(kinds[1:-1]) == {"data"}
    assert listener.heard[0][1:] == (200, {b"content-type": b"text/event-stream"})


@pytest.mark.usefixtures("no_waiting")
async def test_an_unstreamed_answer_has_its_length():
    """A whole body is announced with its size."""
    listener = Listener()
    DemoUpstream().send(request(body=b'{"messages":[]}'), listener)
    await asyncio.wait_for(listener.ended.wait(), 5)
    assert listener.heard[0][2][b"content-length"] == str(len(listener.heard[1][1])).encode()


@pytest.mark.usefixtures("no_waiting")
async def test_pause_holds_and_resume_goes_on():
    """A paused answer stands still; resumed it is whole."""
    listener = Listener()
    call = DemoUpstream().send(request(), listener)
    listener.on_data = call.pause
    while len(listener.heard) < 2:
        await asyncio.sleep(0)
    held = len(listener.heard)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(listener.heard) == held
    listener.on_data = lambda: None
    call.resume()
    await asyncio.wait_for(listener.ended.wait(), 5)


@pytest.mark.usefixtures("no_waiting")
async def test_cancel_is_silence():
    """Nothing is heard after a cancel, not even when it comes from within the sink."""
    listener = Listener()
    call = DemoUpstream().send(request(), listener)
    listener.on_data = call.cancel
    while len(listener.heard) < 2:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert [entry[0] for entry in listener.heard] == ["head", "data"]
    call.resume()
    await asyncio.sleep(0)
    assert len(listener.heard) == 2


def test_a_provider_in_every_family():
    """The models are named like those that agents are configured for."""
    providers = {provider.dialect: provider for provider in demo_providers()}
    assert providers["anthropic"].models[0] == "claude-opus-4-6"
    assert providers["openai"].models[0] == "gpt-5.2"
    assert providers["gemini"].models[0] == "gemini-2.5-flash"
    assert all(provider.is_demo for provider in providers.values())
    assert not Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9").is_demo

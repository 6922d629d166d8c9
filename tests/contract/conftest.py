"""Fixtures of the contract suites: every implementation of a port, on every event loop that it runs on."""

import asyncio

import pytest
import uvloop

from headgate.storage.state.store import StateStore
from headgate.upstream.http1 import Http1Upstream
from headgate.upstream.settings import UpstreamSettings
from tests.contract.aiohttp_upstream import AiohttpUpstream
from tests.fakes.state import MemoryState

_UPSTREAMS = {"http1": Http1Upstream, "aiohttp": AiohttpUpstream}


def pytest_asyncio_loop_factories(config, item):
    """The upstream suites run on both event loops; transports differ between them."""
    if item.path.name.startswith("test_upstream"):
        return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture(params=list(_UPSTREAMS))
async def make(request):
    """Builds an upstream from settings; all are closed at the end."""
    made = []

    def build(**settings):
        upstream = _UPSTREAMS[request.param](UpstreamSettings(**{"tick_s": 0.01, **settings}))
        made.append(upstream)
        return upstream

    yield build
    for upstream in made:
        await upstream.close()


@pytest.fixture(params=["memory", "sqlite"])
def state(request, tmp_path):
    """One fresh store of tokens of each kind."""
    if request.param == "memory":
        yield MemoryState()
        return
    store = StateStore(f"sqlite:///{tmp_path}/state.db")
    yield store
    store.close()

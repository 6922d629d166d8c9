"""What every interface over governed objects needs."""

import threading

import pytest

from headgate.core.errors import Forbidden, NotFound
from headgate.web.api.object_calls import ObjectCalls, require_administrator
from headgate.web.api.routes import ApiRequest
from tests.fakes.principals import administrator, token_of, user


def request(principal):
    return ApiRequest(parameters={}, query={}, token=token_of(principal))


async def test_the_store_is_used_on_a_thread():
    """A change is followed before it is answered; reading is not."""
    followed = []

    async def follow():
        followed.append(threading.current_thread())

    calls = ObjectCalls(None, follow, lambda: None, tuple)
    assert await calls.read(threading.current_thread) is not threading.current_thread()
    assert followed == []
    assert await calls.write(threading.current_thread) is not threading.current_thread()
    assert followed == [threading.current_thread()]


def test_what_a_caller_may_do():
    """Without grants everyone sees every endpoint, and administrators change it."""
    calls = ObjectCalls(None, None, lambda: None, tuple)
    calls.require_managed(request(administrator("root")), "coding")
    calls.require_seen(request(user("ada")), "coding")
    with pytest.raises(Forbidden, match="CAN_MANAGE"):
        calls.require_managed(request(user("ada")), "coding")
    with pytest.raises(NotFound, match="does not exist, or you may not use it"):
        calls.require_seen(ApiRequest(parameters={}, query={}, token=token_of(user("ada"), endpoints=("gpt-*",))), "coding")
    with pytest.raises(Forbidden, match="Only an administrator may create limits"):
        require_administrator(request(user("ada")), "create limits")

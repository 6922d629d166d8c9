"""Name lookups, and the last good answer."""

import asyncio
import socket

import pytest

from headgate.upstream.resolve import Resolver, system_lookup


class Names:
    """A name server that can be away."""

    def __init__(self, *addresses):
        self.addresses = list(addresses)
        self.failure = None
        self.asked = 0

    async def __call__(self, host, port):
        self.asked += 1
        if self.failure == "hang":
            await asyncio.Event().wait()
        elif self.failure is not None:
            raise self.failure
        return self.addresses


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "fe80::1%eth0"])
async def test_an_address_needs_no_lookup(address):
    """It is its own answer."""
    names = Names()

    assert await Resolver(names).addresses(address, 80, 1.0) == [address]
    assert names.asked == 0


async def test_every_connection_asks_anew():
    """A change is heeded at once; doubles are dropped and the number is bounded."""
    names = Names("10.0.0.1", "10.0.0.1", "10.0.0.2")
    resolver = Resolver(names)

    assert await resolver.addresses("h", 80, 1.0) == ["10.0.0.1", "10.0.0.2"]
    names.addresses = [f"10.0.1.{number}" for number in range(50)]
    assert len(await resolver.addresses("h", 80, 1.0)) == 8


@pytest.mark.parametrize("failure", [socket.gaierror(socket.EAI_AGAIN, "away"), "hang"])
async def test_the_last_good_answer_stands_in(failure):
    """While the name server is away or silent, for five minutes."""
    names = Names("10.0.0.1")
    resolver = Resolver(names)
    await resolver.addresses("h", 80, 1.0)
    names.failure = failure

    assert await resolver.addresses("h", 80, 0.01) == ["10.0.0.1"]
    found_s, addresses = resolver._good["h"]
    resolver._good["h"] = (found_s - 301.0, addresses)
    with pytest.raises(OSError):
        await resolver.addresses("h", 80, 0.01)


@pytest.mark.parametrize("failure", [socket.gaierror(socket.EAI_NONAME, "unknown"), None])
async def test_a_name_without_an_address(failure):
    """An error, or an empty answer, of a name that was never known."""
    names = Names()
    names.failure = failure
    with pytest.raises(socket.gaierror):
        await Resolver(names).addresses("h", 80, 1.0)


async def test_what_is_kept_has_a_bound():
    """Names come from the configuration, and still."""
    resolver = Resolver(Names("10.0.0.1"))
    for number in range(1030):
        await resolver.addresses(f"h{number}", 80, 1.0)

    assert len(resolver._good) <= 1024


async def test_the_system_knows_localhost():
    """The default asks the system."""
    assert {"127.0.0.1", "::1"} & set(await system_lookup("localhost", 80))

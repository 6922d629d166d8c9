"""What connections share, without a socket; time is handed in."""

import asyncio

import pytest

from headgate.web.front import Front, FrontLimits, OpenConnections, OpenFiles, Peers
from tests.fakes.front import Echo


class Visited:
    """A connection that counts its sweeps and leaves after some."""

    def __init__(self, front: OpenConnections, sweeps: int) -> None:
        self._front = front
        self._left = sweeps
        self.elapsed_s: list[float] = []
        self.done = asyncio.Event()

    def sweep(self, elapsed_s: float) -> None:
        self.elapsed_s.append(elapsed_s)
        self._left -= 1
        if not self._left:
            self._front.leave(self)
            self.done.set()


async def test_the_sweeper_runs_while_someone_is_connected() -> None:
    """It starts with the first connection, ends with the last, and starts again."""
    front = OpenConnections(FrontLimits(sweep_interval_s=0.001))
    loop = asyncio.get_running_loop()
    for _ in range(2):
        connection = Visited(front, 3)
        assert front.enter(connection, "a", loop)
        await asyncio.wait_for(connection.done.wait(), 5)

        assert len(front) == 0
        assert front._timer is None
        assert all(0 < elapsed_s <= 0.002 for elapsed_s in connection.elapsed_s)


async def test_connections_are_bounded_by_address_and_in_all() -> None:
    """Who leaves makes room; leaving twice, or without having been let in, changes nothing."""
    front = OpenConnections(FrontLimits(connections_max=3, connections_per_address_max=2))
    loop = asyncio.get_running_loop()
    first, second, third, fourth = (Visited(front, 1) for _ in range(4))

    assert [front.enter(first, "a", loop), front.enter(second, "a", loop), front.enter(third, "a", loop)] == [True, True, False]
    assert [front.enter(third, "b", loop), front.enter(fourth, "c", loop)] == [True, False]
    front.leave(fourth)
    front.leave(first)
    front.leave(first)
    await asyncio.sleep(0)
    assert front.enter(fourth, "a", loop)
    for connection in (second, third, fourth):
        front.leave(connection)
    assert len(front) == 0


@pytest.mark.parametrize(
    ("files", "connections", "of_one_address", "reserve"),
    [(1024, 512, 256, 256), (256, 128, 64, 64), (10, 5, 2, 2), (1, 1, 1, 0), (20_000, 10_000, 5_000, 256), (1 << 30, 10_000, 5_000, 256)],
)
def test_connections_leave_half_of_the_files(files: int, connections: int, of_one_address: int, reserve: int) -> None:
    """Whatever the limits say, at most half of the files that the process may open are connections, and of one address half of those."""
    front = Front(Echo(), FrontLimits(), peers=Peers(open_files=OpenFiles(files)))
    assert (front.limits.connections_max, front.limits.connections_per_address_max) == (connections, of_one_address)
    assert OpenFiles(files).reserve == reserve


class Numbered:
    """A transport, and the socket of it, with the number that the system gave it."""

    def __init__(self, number: int) -> None:
        self._number = number

    def get_extra_info(self, _name: str) -> "Numbered":
        return self

    def fileno(self) -> int:
        return self._number


async def test_no_connection_takes_the_reserve() -> None:
    """What else is open counts too: a connection whose number shows that only the reserve is left is not let in."""
    front = OpenConnections(FrontLimits(sweep_interval_s=100), OpenFiles(256))
    loop = asyncio.get_running_loop()
    last, beyond = Visited(front, 1), Visited(front, 1)
    assert front.enter(last, "a", loop, Numbered(191))  # type: ignore[arg-type]
    assert not front.enter(beyond, "a", loop, Numbered(192))  # type: ignore[arg-type]
    front.leave(beyond)
    front.leave(last)
    assert not len(front)


async def test_a_proxy_has_no_limit_of_its_own() -> None:
    """It has the connections of all its clients; the limit of all still counts."""
    front = OpenConnections(FrontLimits(connections_max=3, connections_per_address_max=1, sweep_interval_s=100))
    loop = asyncio.get_running_loop()
    connections = [Visited(front, 1) for _ in range(4)]
    assert [front.enter(each, "", loop) for each in connections] == [True, True, True, False]
    for each in connections:
        front.leave(each)

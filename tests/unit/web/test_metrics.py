"""`/metrics`: who reads it, and in which format."""

import pytest

from headgate.core.clock import Clock
from headgate.core.principal import Principal
from headgate.exchange.denials import Denials
from headgate.exchange.snapshot import Snapshot
from headgate.metering.metric_text import GAUGE, OPEN, PLAIN, Metric
from headgate.policy.authenticate import TokenTable, compose_token, digest
from headgate.routing.table import EndpointTable
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.guesses import Guesses
from headgate.web.metrics import MetricsParts, MetricsService
from tests.fakes.asking import ask, head, named
from tests.fakes.ports import FakeClient, FakeClock
from tests.fakes.principals import token_of

PEPPER = b"p" * 32
CALLERS = {
    "administrator": Principal(id="usr_1", name="root", scopes=frozenset({"admin"}), roles=frozenset({"admin"})),
    "viewer": Principal(id="usr_2", name="prometheus", scopes=frozenset({"telemetry"}), roles=frozenset({"viewer"})),
    "member": Principal(id="usr_3", name="ada", scopes=frozenset({"inference", "sql", "telemetry"}), roles=frozenset({"member"})),
}
SECRETS = {name: compose_token(name.encode().ljust(32, b".")) for name in CALLERS}
UP = Metric("headgate_up", GAUGE, "One.")


class Scraped:
    """The service with a token for each caller, and what was refused."""

    def __init__(self, networks: tuple[str, ...] = ()) -> None:
        clock: Clock = FakeClock()
        table = TokenTable({digest(PEPPER, SECRETS[name]): token_of(principal) for name, principal in CALLERS.items()})
        snapshot = Snapshot(1, table, EndpointTable([], []))
        self.events: list[object] = []
        self.fails = False
        self.denials = Denials(self.events.append, clock)
        authenticator = Authenticator(lambda: snapshot, self._refresh, PEPPER, clock, Guesses(clock), {})
        self.service = MetricsService(MetricsParts(authenticator, self._read, lambda: networks, DeniedRequests(self.denials, authenticator)))

    async def get(self, token: str = "", address: str = "192.0.2.1", method: str = "GET", **headers: str) -> FakeClient:
        """The answer."""
        given = named({"authorization": f"Bearer {token}" if token else "", **headers})
        return await ask(self.service, head(method, "/metrics", given, address=address))

    async def _refresh(self) -> None:
        """No token is new."""

    async def _read(self):
        if self.fails:
            raise OSError("no such file: /secret/place")
        return [(UP, {(): 1})]


@pytest.mark.parametrize(("who", "status"), [("administrator", 200), ("viewer", 200), ("member", 403)])
async def test_who_may_read(who: str, status: int) -> None:
    """Administrators and viewers, whatever else their token is for."""
    client = await Scraped().get(SECRETS[who])

    assert client.status == status
    assert (b"headgate_up 1" in client.body) == (status == 200)


async def test_without_a_valid_token() -> None:
    """The refusal is text, is counted and audited, and shows nothing."""
    scraped = Scraped()
    clients = [await scraped.get(), await scraped.get(compose_token(b"x" * 32))]

    assert [client.status for client in clients] == [401, 401]
    assert all(client.headers[b"content-type"] == b"text/plain; charset=utf-8" for client in clients)
    assert not any(b"headgate_up" in client.body for client in clients)
    assert scraped.denials.counts == {("workspace", "credential"): 2}
    assert scraped.events


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("10.1.2.3", 200), ("10.2.0.1", 401), ("", 401), ("::1", 401)])
async def test_clients_of_named_networks_need_no_token(address: str, status: int) -> None:
    """By default there is no such network."""
    assert (await Scraped(("127.0.0.1", "10.1.0.0/16")).get(address=address)).status == status
    assert (await Scraped().get(address=address)).status == 401


async def test_the_format_is_the_one_that_is_asked_for() -> None:
    """Prometheus asks for OpenMetrics first; curl for anything."""
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    asked, plain = await Scraped().get(SECRETS["viewer"], accept=accept), await Scraped().get(SECRETS["viewer"], accept="*/*")

    assert asked.headers[b"content-type"].decode() == OPEN
    assert asked.body.endswith(b"# EOF\n")
    assert plain.headers[b"content-type"].decode() == PLAIN
    assert not plain.body.endswith(b"# EOF\n")


async def test_only_reading() -> None:
    """Any other method is answered 405."""
    client = await Scraped().get(SECRETS["viewer"], method="POST")

    assert (client.status, client.headers[b"allow"]) == (405, b"GET, HEAD")


async def test_a_failure_shows_nothing_of_the_machine() -> None:
    """The log has the reason under the request's id."""
    scraped = Scraped()
    scraped.fails = True
    client = await scraped.get(SECRETS["administrator"])

    assert client.status == 500
    assert b"/secret/place" not in client.body

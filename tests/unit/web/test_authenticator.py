"""Who asks, by the credential of a request."""

import functools
import hmac

import msgspec
import pytest

from headgate.core.errors import Forbidden, LimitExceeded, Unauthenticated
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable, compose_token, digest
from headgate.policy.networks import network_of
from headgate.routing.table import EndpointTable
from headgate.web.authenticator import Authenticator
from headgate.web.guesses import GUESSES_MAX, Guesses
from tests.fakes.ports import FakeClock
from tests.fakes.principals import token_of, user

PEPPER = b"p" * 32
EARLY, LATE = compose_token(b"e" * 32), compose_token(b"l" * 32)
LAPTOP = token_of(user("ada@example.com"), "tok")


class Store:
    """Knows a late token only once it has been looked at again."""

    def __init__(self) -> None:
        self.looks = 0
        self.snapshot = self._snapshot(EARLY)

    async def refresh(self) -> None:
        self.looks += 1
        self.snapshot = self._snapshot(EARLY, LATE)

    @staticmethod
    def _snapshot(*tokens: str) -> Snapshot:
        return Snapshot(1, TokenTable({digest(PEPPER, token): LAPTOP for token in tokens}), EndpointTable([], []))


@pytest.fixture
def store():
    """A fresh store."""
    return Store()


@pytest.fixture
def authenticator(store):
    """The authenticator over that store."""
    clock = FakeClock()
    return Authenticator(lambda: store.snapshot, store.refresh, PEPPER, clock, Guesses(clock), {})


def bearer(token: str):
    return [(b"authorization", f"Bearer {token}".encode())]


async def test_known_and_new_tokens(authenticator, store):
    """The store is looked at again for a well-formed token that is unknown, and for no other."""
    assert await authenticator.token(bearer(EARLY)) == LAPTOP
    assert store.looks == 0
    assert await authenticator.token(bearer(LATE)) == LAPTOP
    assert store.looks == 1
    for wrong in ("hg_short", "sk-ant-x"):
        with pytest.raises(Unauthenticated):
            await authenticator.token(bearer(wrong))
    assert store.looks == 1
    with pytest.raises(Unauthenticated):
        await authenticator.token(bearer(compose_token(b"x" * 32)))
    assert store.looks == 2


async def test_a_key_outside_the_headers(authenticator):
    """Where a service takes one, it counts like a header; two different ones are refused."""
    assert await authenticator.token([], EARLY) == LAPTOP
    with pytest.raises(Unauthenticated, match="two different"):
        await authenticator.token(bearer(EARLY), LATE)


async def test_the_principal_of_a_token(authenticator):
    """The one that the snapshot holds, with the token's scopes: nothing is made for a request."""
    assert await authenticator.principal(bearer(EARLY)) is LAPTOP.principal
    assert LAPTOP.principal.scopes == frozenset({"inference", "telemetry", "sql"})


def test_a_caller_is_known_to_the_catalog_by_the_snapshot_alone(authenticator, store):
    """Without a look at the store."""
    assert authenticator.known_principal(bearer(EARLY)).name == "ada@example.com"
    with pytest.raises(Unauthenticated):
        authenticator.known_principal(bearer(LATE))
    assert store.looks == 0


async def test_guesses_of_an_address_are_bounded(authenticator, store):
    """Unknown tokens of one address are refused with 429 after some; tokens that work go on from there, and so does a stranger elsewhere."""
    for number in range(GUESSES_MAX):
        with pytest.raises(Unauthenticated):
            await authenticator.token(bearer(compose_token(number.to_bytes(32))), address="192.0.2.1")
    looks = store.looks
    for guess in (compose_token(b"x" * 32), "sk-ant-x"):
        with pytest.raises(LimitExceeded) as refused:
            await authenticator.token(bearer(guess), address="192.0.2.1")
        assert (refused.value.status, refused.value.retry_after_s) == (429, 60)
    assert store.looks == looks
    assert await authenticator.token(bearer(EARLY), address="192.0.2.1") == LAPTOP
    assert authenticator.known_token(bearer(EARLY)) == LAPTOP
    with pytest.raises(Unauthenticated):
        await authenticator.token(bearer(compose_token(bytes(32))), address="192.0.2.1")  # the first one once more: it is no new guess
    with pytest.raises(Unauthenticated):
        await authenticator.token(bearer(compose_token(b"x" * 32)), address="192.0.2.2")


async def test_every_refused_token_goes_the_same_way(store, monkeypatch):
    """Unknown, revoked and expired ones cost as many look-ups and hashes as each other, so that no step more or less tells them apart."""
    clock, hashed = FakeClock(), []
    copy = hmac.HMAC.copy
    monkeypatch.setattr(hmac.HMAC, "copy", lambda keyed: hashed.append(keyed) or copy(keyed))
    expired, ways = msgspec.structs.replace(LAPTOP, expires_at_s=1.0), []
    for tokens, token in (({}, EARLY), ({EARLY: expired}, EARLY), ({EARLY: LAPTOP}, compose_token(b"e" * 31 + b"f"))):
        store.snapshot = Snapshot(1, TokenTable({digest(PEPPER, known): each for known, each in tokens.items()}), EndpointTable([], []))
        looks, hashed[:] = [], []
        authenticator = Authenticator(lambda: store.snapshot, functools.partial(note, looks), PEPPER, clock, Guesses(clock), {})
        with pytest.raises(Unauthenticated) as refused:
            await authenticator.token(bearer(token))
        ways.append((len(looks), len(hashed), refused.value.message))
    assert len(set(ways)) == 1
    assert ways[0][1] > 0


async def note(looks: list[int]) -> None:
    """A look at a store in which nothing has changed."""
    looks.append(1)


@pytest.mark.parametrize("jump_s", [3_600, -3_600, 86_400, -1_000_000_000, 1 << 31], ids=str)
async def test_tokens_end_by_the_wall_clock_and_guesses_count_on_the_other(store, monkeypatch, jump_s):
    """A clock that is set ends a token, or lets it live, at once; it neither frees an address that guesses nor holds up another."""
    clock, jumped = FakeClock(), [0]
    wall_ns = FakeClock.wall_ns
    monkeypatch.setattr(FakeClock, "wall_ns", lambda clock: wall_ns(clock) + jumped[0] * 1_000_000_000)
    ending = msgspec.structs.replace(LAPTOP, expires_at_s=clock.wall_ns() / 1e9 + 60)
    store.snapshot = Snapshot(1, TokenTable({digest(PEPPER, EARLY): ending}), EndpointTable([], []))
    authenticator = Authenticator(lambda: store.snapshot, functools.partial(note, []), PEPPER, clock, Guesses(clock), {})
    assert await authenticator.token(bearer(EARLY)) == ending
    for number in range(GUESSES_MAX):
        with pytest.raises(Unauthenticated):
            await authenticator.token(bearer(compose_token(number.to_bytes(32))), address="192.0.2.1")
    jumped[0] = jump_s
    assert (authenticator.live_token("tok") is not None) is (jump_s < 60)
    with pytest.raises(LimitExceeded):
        await authenticator.token(bearer(compose_token(b"x" * 32)), address="192.0.2.1")
    clock.now_s += 60
    with pytest.raises(Unauthenticated):
        await authenticator.token(bearer(compose_token(b"x" * 32)), address="192.0.2.1")


async def test_a_token_of_some_networks(store):
    """Is refused elsewhere with 403, and that is no guess; without an address too."""
    clock = FakeClock()
    authenticator = Authenticator(lambda: store.snapshot, store.refresh, PEPPER, clock, Guesses(clock), {})
    narrow = msgspec.structs.replace(LAPTOP, networks=(network_of("10.0.0.0/8"),))
    store.snapshot = Snapshot(1, TokenTable({digest(PEPPER, EARLY): narrow}), EndpointTable([], []))
    assert authenticator.known_token(bearer(EARLY), address="10.1.2.3") is narrow
    for _ in range(2 * GUESSES_MAX):
        with pytest.raises(Forbidden):
            await authenticator.token(bearer(EARLY), address="192.0.2.1")
    with pytest.raises(Forbidden):
        authenticator.known_token(bearer(EARLY))
    assert store.looks == 0


async def test_the_last_use_of_each_token(store):
    """Is noted when it was accepted, and only then."""
    clock = FakeClock()
    seen: dict[str, float] = {}
    authenticator = Authenticator(lambda: store.snapshot, store.refresh, PEPPER, clock, Guesses(clock), seen)
    with pytest.raises(Unauthenticated):
        await authenticator.token(bearer("hg_short"))
    assert seen == {}
    authenticator.known_token(bearer(EARLY))
    clock.now_s += 5
    await authenticator.token(bearer(EARLY))
    assert seen == {"tok": clock.wall_ns() / 1e9}

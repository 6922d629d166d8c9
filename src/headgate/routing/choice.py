"""Which targets of an endpoint a request goes to, and in which order: as they are written, or by their shares of the traffic. Pure and without state.

Shares are chosen by weighted rendezvous hashing (https://www.ietf.org/archive/id/draft-ietf-bess-weighted-hrw-02.html, section 3): every target gets
a distance that depends on a key and the target alone, divided by its share, and the nearest target is chosen. With the session as the key a session
stays on one target, and a change of the shares moves only sessions for which another target has become nearer. With a random key the choice is random.
"""

from collections.abc import Sequence
from hashlib import blake2b
from math import log

from headgate.core.endpoint import Target

_HALVES = 2.0**65  # a hash of 64 bits, counted in halves so that none is 0


def in_use(targets: Sequence[Target]) -> tuple[Target, ...]:
    """The targets without those that get no traffic."""
    return tuple(target for target in targets if target.traffic_percent != 0)


def parted(targets: Sequence[Target]) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
    """The targets that have a share, and those that are tried in order."""
    shares = tuple(target for target in targets if target.traffic_percent is not None)
    return shares, tuple(targets) if not shares else tuple(target for target in targets if target.traffic_percent is None)


def is_split(targets: Sequence[Target]) -> bool:
    """Whether the targets share the traffic, instead of being tried in order."""
    return targets[0].traffic_percent is not None


def by_share(targets: Sequence[Target], key: str) -> tuple[Target, ...]:
    """The targets for a session, or for any other key, the chosen one first. All of them have a share above 0."""
    seed = key.encode(errors="surrogatepass")
    return tuple(sorted(targets, key=lambda target: _distance(target, seed)))


def up_to_deleted(targets: Sequence[Target]) -> tuple[Target, ...]:
    """The targets before the first one whose provider is deleted: it refuses, and nothing takes its place."""
    ends = next((place for place, target in enumerate(targets) if target.provider.deleted), len(targets))
    return tuple(targets[:ends])


def _distance(target: Target, key: bytes) -> float:
    """Exponentially distributed over keys, with the target's share as its rate."""
    name = f"\n{target.provider.name}\n{target.model}".encode()
    drawn = int.from_bytes(blake2b(key + name, digest_size=8).digest())
    return -log((2 * drawn + 1) / _HALVES) / (target.traffic_percent or 1)

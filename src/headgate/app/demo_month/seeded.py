"""Generators that make the same of the same seed, and ids made with them, like Headgate's and the agents' own."""

import random
import uuid

from headgate.core.ids import id_of


def generator(seed: str) -> random.Random:
    """A generator for this seed. Nothing of the demo is secret."""
    return random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage] it has to make the same again


def request_id(rng: random.Random, at_ns: int) -> str:
    """The id of an exchange."""
    return id_of("req", at_ns, rng.getrandbits(80))


def session_uuid(rng: random.Random) -> str:
    """The id that an agent gives a session or a prompt."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def hex_id(rng: random.Random, digits: int) -> str:
    """An id of hexadecimal digits, as providers have them."""
    return f"{rng.getrandbits(4 * digits):0{digits}x}"

"""A secret does not get out by accident."""

import copy
import pickle

import msgspec
import pytest

from headgate.core.endpoint import Provider
from headgate.core.secret import Secret

TEXT = "sk-lab-0123456789"


def test_it_is_not_printed() -> None:
    """Neither by itself, nor in a message, nor as a part of what holds it."""
    secret = Secret(TEXT)
    provider = Provider(name="lab", dialect="anthropic", base_url="http://lab", api_key=secret)

    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>30}", "%s" % secret, "{}".format(secret), repr(provider), repr([secret])):  # ruff: ignore[printf-string-formatting, f-string]
        assert TEXT not in shown


def test_it_is_not_carried_away() -> None:
    """Not by pickle, copies or encoders; only `reveal` gives it out."""
    secret = Secret(TEXT)

    for carry in (pickle.dumps, copy.copy, msgspec.json.encode, msgspec.msgpack.encode):
        with pytest.raises(TypeError):
            carry(secret)
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == TEXT


def test_it_equals_nothing_but_itself() -> None:
    """A comparison of texts would tell by its time how much of them agrees."""
    assert Secret(TEXT) != Secret(TEXT)
    assert Secret(TEXT) != TEXT

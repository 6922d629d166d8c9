"""Fingerprints of texts."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.translation.fingerprint import call_id, identity, suffix


def test_fingerprints_never_change():
    """A prompt cache would be lost."""
    assert identity("user-1") == "c6c289e49e9c05b21458603878ca5878"
    assert suffix("a.b") == "2e7336"
    assert call_id("call 1") == "c_ehc4fjqazy6bn6fc4uryee3wmpzo6rwm"


@given(st.text())
def test_the_fingerprint_of_a_fingerprint_is_itself(text):
    """Other texts have one of 32 hexadecimal digits; the empty text has none."""
    found = identity(text)

    assert identity(found) == found
    assert len(found) == (32 if text else 0)


def test_other_hexadecimal_digits_are_hashed():
    """A client's own id of 32 digits is not sent on."""
    assert identity("0" * 32) != "0" * 32

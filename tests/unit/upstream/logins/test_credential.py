"""A credential that ends."""

import math

from headgate.core.secret import Secret
from headgate.upstream.logins.credential import HeldCredential


def test_sent():
    """Only a token is sent as it is; AWS's secret signs and never leaves."""
    assert HeldCredential(token=Secret("t-1")).sent == b"t-1"
    keys = HeldCredential(key_id="AKIDEXAMPLE", secret=Secret("shh"))
    assert (keys.sent, keys.ends_at_s) == (b"", math.inf)
    assert "shh" not in repr(keys)

"""Where models are hosted, and how Headgate signs in there."""

from headgate.core.platform import PLATFORM_DIALECTS, PlatformLogin
from headgate.core.provider_dialect import WORDS
from headgate.core.secret import Secret


def test_every_platform_speaks_known_words():
    """Each word of a platform is one that a provider may have."""
    assert all(word in WORDS for words in PLATFORM_DIALECTS.values() for word in words)


def test_identity():
    """It is equal for equal secrets, although these are not equal themselves, and no text shows them."""
    first, again, other = (PlatformLogin("oauth", client_id="a", secret=Secret(text)) for text in ("s1", "s1", "s2"))
    assert first.identity == again.identity
    assert first.identity != other.identity
    assert "s1" not in repr(first)

"""Who pays for a request decides which targets it may go to."""

import pytest

from headgate.core.client_credential import ClientCredential
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import Forbidden
from headgate.core.secret import Secret
from headgate.policy.payer import paid_targets

KEYED = target_of(Provider(name="keyed", dialect="anthropic", base_url="https://api.anthropic.com", api_key=Secret("k")), "m")
CLAUDE = target_of(Provider(name="max", dialect="anthropic", base_url="https://api.anthropic.com", auth="client"), "m")
GOOGLE = target_of(Provider(name="google", dialect="gemini", base_url="https://generativelanguage.googleapis.com", auth="client"), "m")
OAUTH = ClientCredential(b"authorization", Secret("sk-ant-oat01-secret"))


def paid(*targets, own=None):
    return paid_targets(Endpoint(name="opus", targets=targets), targets, own)


def test_each_payer_has_its_own_targets():
    """A request with a credential of its own never reaches an account of Headgate's, nor the other way round."""
    assert paid(KEYED, CLAUDE, KEYED) == (KEYED, KEYED)
    assert paid(KEYED, CLAUDE, GOOGLE, own=OAUTH) == (CLAUDE,)


@pytest.mark.parametrize(
    ("targets", "own", "code", "words"),
    [
        ((KEYED,), OAUTH, "own_credential_refused", "does not take your own credential"),
        ((GOOGLE,), OAUTH, "own_credential_refused", "only credentials that Google issued"),
        ((CLAUDE, GOOGLE), None, "own_credential_missing", "your own account at Anthropic or Google"),
    ],
)
def test_a_refusal_says_what_to_do(targets, own, code, words):
    """And repeats no credential."""
    with pytest.raises(Forbidden, match=words) as caught:
        paid(*targets, own=own)
    assert (caught.value.status, caught.value.code) == (403, code)
    assert "secret" not in caught.value.message

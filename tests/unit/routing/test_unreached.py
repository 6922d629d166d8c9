"""What no name can reach."""

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.routing.table import EndpointTable
from headgate.routing.unreached import why_unreached

ANTHROPIC = Provider(name="anthropic", dialect="anthropic", base_url="https://api.anthropic.com")
SECOND = Provider(name="second", dialect="anthropic", base_url="http://127.0.0.1:9000")
LISTED = Provider(name="listed", dialect="anthropic", base_url="http://127.0.0.1:9001", models=("claude-opus-4-6", "mine", "claude-*", "qwen*"))


def found(providers, written=()):
    """What is not reached, without the reasons' details."""
    return [(provider.name, model, reason) for provider, model, reason in why_unreached(EndpointTable(providers, written), providers)]


def test_everything_is_reached():
    """One provider of a kind gets every name of it, and a pattern every name that matches."""
    assert found([ANTHROPIC]) == []
    assert found([LISTED]) == []


def test_a_second_provider_of_a_kind_is_never_asked():
    """Unless an endpoint names it."""
    assert found([ANTHROPIC, SECOND]) == [("second", "", "'anthropic' comes first")]
    assert found([ANTHROPIC, SECOND], [Endpoint("opus", (target_of(SECOND, "m"),))]) == []


def test_models_that_another_serves():
    """Each is named, with what comes first; a pattern by what it would match."""
    assert found([ANTHROPIC, LISTED]) == [
        ("listed", "claude-opus-4-6", "'anthropic' comes first"),
        ("listed", "claude-*", "'anthropic' comes first"),
    ]
    house = Endpoint("mine", (target_of(ANTHROPIC, "claude-opus-4-6"),))
    assert ("listed", "mine", "the endpoint 'mine' answers to it") in found([ANTHROPIC, LISTED], [house])

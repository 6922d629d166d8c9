"""Notes on open endpoints that lead around a restriction."""

import pytest

from headgate.app.ways_around import notes_on_ways_around
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.principal_name import PrincipalName
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable

LAB = Provider(name="lab", dialect="anthropic", base_url="http://lab:1", models=("claude-a", "claude-b"))
OPEN = Provider(name="open", dialect="anthropic", base_url="http://open:1")


def written(name: str, provider: Provider, model: str) -> Endpoint:
    return Endpoint(name=name, targets=(target_of(provider, model),))


def around(endpoints, *patterns, providers=(LAB,), closed=False):
    """The endpoints that are noted when grants name these patterns."""
    table = PermissionTable((EndpointGrant(PrincipalName("team"), pattern) for pattern in patterns), closed=closed)
    return [note.split("'")[1] for note in notes_on_ways_around(EndpointTable(providers, endpoints), table)]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), []),
        (("coding",), ["claude-a"]),
        (("coding", "claude-*"), []),
        (("*",), []),
        (("claude-a",), ["coding"]),
        (("claude-b",), []),
    ],
)
def test_an_open_name_of_a_restricted_model_is_noted(patterns, expected):
    """Written or the provider's own, in either direction; not where grants name both."""
    assert around([written("coding", LAB, "claude-a")], *patterns) == expected


def test_a_closed_default_leaves_no_way():
    """What no grant names is closed as well."""
    assert around([written("coding", LAB, "claude-a")], "coding", closed=True) == []


def test_a_name_that_an_open_provider_takes_is_noted():
    """It is in no listing, and answers."""
    assert around([written("coding", OPEN, "claude-new")], "coding", providers=(OPEN,)) == ["claude-new"]


def test_nothing_is_noted_without_grants():
    """There is no restriction."""
    assert notes_on_ways_around(EndpointTable([LAB], []), None) == []


def test_there_are_never_very_many():
    """Twenty."""
    assert len(around([written(f"open-{number}", LAB, "claude-a") for number in range(50)], "claude-a")) == 20

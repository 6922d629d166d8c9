"""Notes on names that nothing has."""

import msgspec

from headgate.app.declared_names import notes_on_names
from headgate.config.load import WrittenFile, load
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.principal_name import PrincipalName
from headgate.routing.table import EndpointTable

GRANT = '[[grants]]\nprincipal = "ada"\nendpoint = "nothing-{}"\n'


def notes(text, *stored):
    """Those on a file with these stored grants behind it."""
    declared = load(
        "", {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}, accepted=WrittenFile("headgate.toml", text)
    )
    declared = msgspec.structs.replace(declared, grants=(*declared.grants, *stored))
    return notes_on_names(declared, EndpointTable(declared.providers, declared.endpoints), frozenset({"staff"}))


def test_a_note_says_where():
    """The line of the file; one of the store has none."""
    assert notes(GRANT.format(1), EndpointGrant(PrincipalName("staff"), "nothing-2")) == [
        "headgate.toml:3: grants[0].endpoint: 'nothing-1' is no endpoint",
        "a grant of the store: 'nothing-2' is no endpoint",
    ]


def test_budgets_are_looked_at_too():
    """Their endpoint, their group, and the endpoint that a downgrade names."""
    budget = '[[budgets]]\nname = "b"\nper = "day"\nusd = 1.0\nendpoint = "nothing-*"\ngroup = "stuff"\nactions = [{ percent = 90, do = "downgrade", to = "gone" }]\n'
    assert notes(budget) == [
        "headgate.toml:5: budgets[0].endpoint: 'nothing-*' matches no endpoint",
        "headgate.toml:7: budgets[0].actions: 'gone' is no endpoint",
        "headgate.toml:6: budgets[0].group: no group is named 'stuff' — did you mean 'staff'?",
    ]


def test_there_are_never_very_many():
    """A file that was written for another gateway gives twenty notes."""
    assert len(notes("".join(map(GRANT.format, range(50))))) == 20

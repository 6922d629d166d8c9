"""Grants of the file: what they become, and every mistake with its line."""

import pytest

from headgate.config.grants import grant_name
from headgate.config.load import load
from headgate.config.problems import ConfigError
from headgate.core.endpoint_grant import CAN_MANAGE, CAN_QUERY, EndpointGrant
from headgate.core.principal_name import PrincipalName
from tests.e2e.documented import block

ALONE = "[discovery]\nenvironment = false\nollama = false\n"


@pytest.fixture
def read(tmp_path):
    """Loads a file with these grants; they begin in line 4."""

    def loaded(text):
        file = tmp_path / "headgate.toml"
        file.write_text(ALONE + text, encoding="utf-8")
        return load(str(file), {"HOME": str(tmp_path)}, probe=lambda _address: None)

    return loaded


def entry(principal, endpoint, permission=""):
    """One `[[grants]]`."""
    more = f'permission = "{permission}"\n' if permission else ""
    return f'[[grants]]\nprincipal = "{principal}"\nendpoint = "{endpoint}"\n{more}'


def test_the_documented_form(read):
    """A group on a pattern; a user; the permission is to query unless it says more."""
    configuration = read(entry("contractors", "databricks-gpt-*", "CAN_QUERY") + entry("user:ada", "*", "CAN_MANAGE") + entry("ada", "gpt-5.2"))

    assert configuration.grants == (
        EndpointGrant(PrincipalName("contractors"), "databricks-gpt-*", CAN_QUERY),
        EndpointGrant(PrincipalName("ada", "USER"), "*", CAN_MANAGE),
        EndpointGrant(PrincipalName("ada"), "gpt-5.2", CAN_QUERY),
    )
    assert [grant_name(each) for each in configuration.settings.grants][:2] == ["contractors on databricks-gpt-*", "user:ada on *"]
    assert configuration.settings.permissions.default == "open"
    assert read('[permissions]\ndefault = "closed"\n').settings.permissions.default == "closed"


def test_the_page_on_permissions_is_right(read):
    """Its file works as it is printed."""
    configuration = read(block("permissions", "docs/permissions.md").text)

    assert [group.name for group in configuration.groups] == ["contractors", "search"]
    assert [grant.permission for grant in configuration.grants] == [CAN_QUERY, CAN_MANAGE]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[grants]]\nendpoint = "x"\n', ":4: grants[0].principal: a grant needs a principal"),
        ('[[grants]]\nprincipal = "x"\n', ":4: grants[0].endpoint: a grant needs an endpoint"),
        (entry("x", "gpt 5"), ":6: grants[0].endpoint: 'gpt 5' is no endpoint's name and no pattern of one"),
        (entry("user: ", "x"), ":5: grants[0].principal: 'user: ' is no name"),
        (entry("x", "x", "CAN_QERY"), """:7: grants[0].permission: unknown word 'CAN_QERY' — did you mean 'CAN_QUERY'?"""),
        (entry("x", "x") + entry("x", "x", "CAN_MANAGE"), ":7: grants[1]: grants to 'x' what grants[0] grants already"),
        ('[permissions]\ndefault = "close"\n', "permissions.default: unknown word 'close' — did you mean 'closed'?"),
    ],
)
def test_a_mistake_is_named_with_its_line(read, text, problem):
    """What is wrong, where."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert problem in str(caught.value)

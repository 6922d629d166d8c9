"""Who asks, how an administrator is known, and names that no principal may have."""

import pytest

from headgate.core.principal import HEADGATE, Principal, is_reserved
from headgate.core.scopes import SCOPES


@pytest.mark.parametrize(
    "name",
    ["admins", "Admins", "ADMINS", " admins ", "admins\n", "\uff21dmins", "account users", "Account  Users", "account\u00a0users", "account\u2003users", "headgate",
     "HeadGate", "users", "account admins"],
)  # fmt: skip
def test_reserved(name):
    """A group's name and our own are reserved in any case, with any spaces, and in letters that only look different."""
    assert is_reserved(name)


@pytest.mark.parametrize("name", ["admin", "ada@example.com", "admins@example.com", "accountusers", "head gate", ""])
def test_not_reserved(name):
    """Every other name is a principal's."""
    assert not is_reserved(name)


@pytest.mark.parametrize(
    ("name", "groups", "scopes", "administers"),
    [
        ("ada", (), (), False),
        ("ada", (), ("inference",), False),
        ("ada", (), ("admin",), True),
        ("ada", (), ("inference", "admin"), True),
        ("ada", ("admins",), ("inference",), False),
        ("admins", (), ("inference",), False),
        ("admin", (), ("inference",), False),
    ],
)
def test_administrators(name, groups, scopes, administers):
    """The scope `admin` makes an administrator; neither a name nor a group does."""
    asker = Principal(id="usr_1", name=name, groups=frozenset(groups), scopes=frozenset(scopes))
    assert asker.is_administrator is administers


def test_a_stored_principal_may_do_nothing():
    """Scopes come from a token: a principal without one has none. Headgate itself administers, and has the kind of no token's principal."""
    assert Principal(id="usr_1", name="ada").scopes == frozenset()
    assert HEADGATE.is_administrator
    assert HEADGATE.kind not in {"USER", "SERVICE_PRINCIPAL"}
    assert HEADGATE.scopes < SCOPES

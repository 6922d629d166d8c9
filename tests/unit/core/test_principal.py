"""Names that nobody may have."""

import pytest

from headgate.core.principal import is_reserved


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

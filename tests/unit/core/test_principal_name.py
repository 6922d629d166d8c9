"""Names of principals and groups as the configuration has them."""

import pytest

from headgate.core.principal_name import PrincipalName, principal_name


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("ada@example.com", "ada@example.com", ""),
        ("user:ada@example.com", "ada@example.com", "USER"),
        ("group:contractors", "contractors", "GROUP"),
        ("service_principal:ci", "ci", "SERVICE_PRINCIPAL"),
        ("user:group:odd", "group:odd", "USER"),
        ("team:search", "team:search", ""),
        ("user", "user", ""),
        ("group:", "", "GROUP"),
    ],
)
def test_names(text, name, kind):
    """A kind is one of three words before a colon; everything else is part of the name. It is written as it was read."""
    named = principal_name(text)
    assert named == PrincipalName(name, kind)
    assert str(named) == text

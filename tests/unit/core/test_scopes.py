"""Scopes, and the access rules of routes."""

import pytest

from headgate.core.scopes import PUBLIC, SCOPES, check_access


@pytest.mark.parametrize("access", [*sorted(SCOPES), PUBLIC])
def test_rules(access):
    """Every scope is a rule, and so is that a route needs none."""
    check_access("GET /x", access)


@pytest.mark.parametrize("access", ["", "Admin", "anyone"])
def test_no_rule(access):
    """A route without a rule, or with an unknown one, stops the start and is named."""
    with pytest.raises(ValueError, match="GET /x does not say who may call it"):
        check_access("GET /x", access)


def test_public_is_no_scope():
    """No token can hold what public routes ask for."""
    assert PUBLIC not in SCOPES

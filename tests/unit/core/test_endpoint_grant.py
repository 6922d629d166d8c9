"""Grants on endpoints as values."""

from headgate.core.endpoint_grant import CAN_QUERY, EndpointGrant
from headgate.core.principal_name import PrincipalName


def test_a_grant_lets_query():
    """Unless it says more; equal ones are one."""
    grant = EndpointGrant(PrincipalName("eve"), "gpt-*")
    assert grant.permission == CAN_QUERY
    assert len({grant, EndpointGrant(PrincipalName("eve"), "gpt-*", CAN_QUERY)}) == 1

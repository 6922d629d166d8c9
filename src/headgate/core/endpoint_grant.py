"""Grants on endpoints as they are declared. Decides nothing."""

from typing import Final

import msgspec

from headgate.core.principal_name import PrincipalName

CAN_QUERY: Final = "CAN_QUERY"
CAN_MANAGE: Final = "CAN_MANAGE"  # includes CAN_QUERY


class EndpointGrant(msgspec.Struct, frozen=True):
    """A permission that a user, service principal or group has on every endpoint whose name matches a pattern."""

    principal: PrincipalName
    endpoint: str
    permission: str = CAN_QUERY

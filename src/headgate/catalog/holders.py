"""Holders: users and groups, as owners and grants name them. A key holds the kind and the name, so that a user named like a group is not the group.

People see plain names, as in Databricks; keys are what is stored and compared. Users and service principals share one namespace and one kind.
"""

import functools
from typing import NewType

from headgate.core.principal import ADMINS, EVERYONE, HEADGATE_KIND, VIEWERS, Principal
from headgate.core.roles import VIEWER

Holder = NewType("Holder", str)  # "user:ada@example.com", "group:admins", "headgate:headgate"

GROUPS = (EVERYONE, ADMINS, VIEWERS)

_USER, _GROUP, _OWN = "user", "group", "headgate"


def user(name: str) -> Holder:
    """The holder that a user or service principal of this name is."""
    return Holder(f"{_USER}:{name}")


def group(name: str) -> Holder:
    """The holder that a group is."""
    return Holder(f"{_GROUP}:{name}")


def own(name: str) -> Holder:
    """Headgate itself, as the owner of what it makes: no token has a principal that is this holder."""
    return Holder(f"{_OWN}:{name}")


def name_of(holder: Holder) -> str:
    """The plain name, as it is shown."""
    return holder.partition(":")[2]


def holder_of(principal: Principal) -> Holder:
    """The holder that the principal itself is: the owner of what it makes."""
    return own(principal.name) if principal.kind == HEADGATE_KIND else user(principal.name)


def groups_of(principal: Principal) -> frozenset[str]:
    """The groups that the principal counts as a member of: those it was made a member of, `account users`, `admins` if it is an administrator, and
    `viewers` if it has the role `viewer`.

    This is the one place where a scope or a role is worth something in the catalog.
    """
    own = {EVERYONE}
    if principal.is_administrator:
        own.add(ADMINS)
    if VIEWER in principal.roles:
        own.add(VIEWERS)
    return principal.groups | own


@functools.lru_cache(maxsize=1024)  # a listing asks for it once for each privilege of each securable
def holders_of(principal: Principal) -> frozenset[Holder]:
    """All holders that the principal counts as: itself and its groups."""
    return frozenset((holder_of(principal), *map(group, groups_of(principal))))

"""Holders: who has a privilege or owns a securable. A key names the kind and the name, so that a user named like a group is not the group.

People see plain names, as in Databricks; keys are what is stored and compared. Users and service principals share one namespace and one kind.
"""

from collections.abc import Iterable
from typing import NewType

Holder = NewType("Holder", str)  # "user:ada@example.com", "group:admins", "headgate:headgate"

EVERYONE = "account users"
ADMINS = "admins"
GROUPS = (EVERYONE, ADMINS)

_USER, _GROUP, _OWN = "user", "group", "headgate"


def user(name: str) -> Holder:
    """The holder that a principal is."""
    return Holder(f"{_USER}:{name}")


def group(name: str) -> Holder:
    """The holder that a group is."""
    return Holder(f"{_GROUP}:{name}")


def own(name: str) -> Holder:
    """Headgate itself, as the owner of what it makes: nobody can sign in as it."""
    return Holder(f"{_OWN}:{name}")


def name_of(holder: Holder) -> str:
    """The plain name, as it is shown."""
    return holder.partition(":")[2]


def of_asker(principal: str, groups: Iterable[str]) -> frozenset[Holder]:
    """All holders that an asker counts as: itself, its groups, and `account users`, which everyone is in."""
    return frozenset((user(principal), group(EVERYONE), *map(group, groups)))

"""Whose rights a view of a user reads with: its owner's, as they are when it is read."""

from collections.abc import Callable

from headgate.catalog.holders import Holder
from headgate.core.principal import Principal

ViewOwners = Callable[[Holder], Principal | None]
"""The owner of a view as a principal, in its groups and with its roles; `None` for one that does not exist any more."""


def nobody(owner: Holder) -> Principal | None:
    """Knows no owner: for those who ask Headgate's own views alone."""
    del owner
    return None

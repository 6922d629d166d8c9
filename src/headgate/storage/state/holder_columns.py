"""Holders in the columns of the catalog's tables: the plain name in one, the kind in another."""

from headgate.catalog.holders import Holder


def owner_columns(owner: Holder) -> dict[str, str]:
    """The columns of a securable's owner."""
    kind, _, name = owner.partition(":")
    return {"owner": name, "owner_kind": kind}


def holder_columns(holder: Holder) -> dict[str, str]:
    """The columns of whoever holds a grant."""
    kind, _, name = holder.partition(":")
    return {"principal": name, "kind": kind}


def holder_of(kind: str, name: str) -> Holder:
    """The holder that two columns name."""
    return Holder(f"{kind}:{name}")

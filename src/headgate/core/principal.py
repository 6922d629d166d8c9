"""The principal of an access token, from authentication to the record. Decides nothing."""

import unicodedata
from typing import Final

import msgspec

from headgate.core.roles import ACCOUNT_ADMIN, VIEWER
from headgate.core.scopes import ADMIN

USER: Final = "USER"
SERVICE_PRINCIPAL: Final = "SERVICE_PRINCIPAL"
HEADGATE_KIND: Final = "HEADGATE"  # Headgate acts for itself; no token has a principal of this kind

EVERYONE: Final = "account users"
ADMINS: Final = "admins"
VIEWERS: Final = "viewers"
ALL_USERS: Final = frozenset({EVERYONE, "users"})  # Databricks' two names for everyone: of the account and of the workspace

# Groups of the catalog, groups that Databricks has, and the name that Headgate uses for itself. No principal may look like one of them.
_RESERVED = frozenset({ADMINS, VIEWERS, EVERYONE, "account admins", "users", "headgate"})


def is_reserved(name: str) -> bool:
    """Whether the name means something else than a principal, however it is written: in another case, with other spaces, in letters that look the same."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold() in _RESERVED


class Principal(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """A user or a service principal. `name` is an e-mail address or a plain name.

    `scopes` are those of the token that it presents, as far as its roles allow them; a principal as it is stored has none. `groups` are the groups that it
    was made a member of, `roles` its own and those of its groups; `catalog.holders` says what else it counts as. An inactive principal may do nothing.
    """

    id: str
    name: str
    kind: str = USER
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    active: bool = True

    @property
    def is_administrator(self) -> bool:
        """Whether it may administer Headgate: its token has the scope `admin`, and its roles allow that. No name makes an administrator."""
        return ADMIN in self.scopes

    @property
    def reads_all_usage(self) -> bool:
        """Whether it may read the usage of all principals, and not its own alone."""
        return self.is_administrator or VIEWER in self.roles

    @property
    def is_account_administrator(self) -> bool:
        """Whether it may also make and unmake administrators."""
        return ADMIN in self.scopes and ACCOUNT_ADMIN in self.roles


HEADGATE: Final = Principal(id="headgate", name="headgate", kind=HEADGATE_KIND, scopes=frozenset({ADMIN}), roles=frozenset({ACCOUNT_ADMIN}))

"""Who commands act as: an administrator. A user who can read and write the data directory can do everything anyway."""

from headgate.core.principal import Principal
from headgate.core.roles import ACCOUNT_ADMIN
from headgate.core.scopes import ADMIN

# The name is that of the first administrator.
ADMINISTRATOR = Principal(id="", name="admin", scopes=frozenset({ADMIN}), roles=frozenset({ACCOUNT_ADMIN}))

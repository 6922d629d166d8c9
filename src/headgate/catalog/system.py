"""What the catalog holds from the start: `main.default` for everybody's tables, and Headgate's own tables and views in `system.ai_gateway` and `system.access`.

The store writes these entries when it is made, and brings the system's to the present when a release has changed them.
"""

import msgspec

from headgate.catalog import holders
from headgate.catalog.audit_table import AUDIT
from headgate.catalog.entries import SYSTEM
from headgate.catalog.ledger.settled import SETTLED_TABLES
from headgate.catalog.names import Name
from headgate.catalog.privileges import SELECT, USE_CATALOG, USE_SCHEMA
from headgate.catalog.summed_view import SummedView
from headgate.catalog.types import Structure
from headgate.catalog.usage_sums import SUMS
from headgate.catalog.usage_table import USAGE
from headgate.core.principal import EVERYONE, VIEWERS

MAIN = Name(("main",))
DEFAULT = Name(("main", "default"))
SYSTEM_CATALOG = Name((SYSTEM,))
AI_GATEWAY = Name((SYSTEM, "ai_gateway"))
ACCESS = Name((SYSTEM, "access"))


class SystemView(msgspec.Struct, frozen=True):
    """A view that Headgate defines. Its text reads with Headgate's rights; `current_user()` in it is the caller."""

    name: Name
    text: str
    schema: Structure
    comment: str


MY_USAGE = SystemView(
    name=AI_GATEWAY.child("my_usage"),
    text="SELECT * FROM system.ai_gateway.usage WHERE requester = current_user()",
    schema=USAGE.schema,
    comment="The rows of system.ai_gateway.usage that are the asker's own.",
)


def _own(sums: SummedView) -> SystemView:
    text = f"SELECT * FROM {sums.name.sql} WHERE requester = current_user()"  # ruff: ignore[hardcoded-sql-expression] - all of it is ours
    return SystemView(AI_GATEWAY.child(f"my_{sums.name.leaf}"), text, sums.schema, f"The rows of {sums.name} that are the asker's own.")


# A query reads their sums where there are some (`admin.relations`); the text here says what the rows are.
_SUMS = tuple(SystemView(sums.name, sums.rows_text(USAGE.name.sql), sums.schema, sums.comment) for sums in SUMS)
_MY_SUMS = tuple(map(_own, SUMS))

TABLES = (USAGE, AUDIT, *SETTLED_TABLES)
VIEWS = (MY_USAGE, *_SUMS, *_MY_SUMS)

# Everybody may use it. An administrator grants what may be read or made there, except for the caller's own usage, and the role `viewer` for everyone's.
# Only administrators see the audit table.
_EVERYONE = holders.group(EVERYONE)
FIRST_GRANTS = (
    (MAIN, _EVERYONE, USE_CATALOG),
    (DEFAULT, _EVERYONE, USE_SCHEMA),
    (SYSTEM_CATALOG, _EVERYONE, USE_CATALOG),
    (AI_GATEWAY, _EVERYONE, USE_SCHEMA),
    (MY_USAGE.name, _EVERYONE, SELECT),
    *((view.name, _EVERYONE, SELECT) for view in _MY_SUMS),
    (AI_GATEWAY, holders.group(VIEWERS), SELECT),
)

"""What the catalog holds from the start."""

from headgate.catalog import privileges, system
from headgate.catalog.holders import group
from headgate.core.principal import EVERYONE, VIEWERS


def test_everything_lies_somewhere():
    """Each of our tables and views lies in a schema that is made for them."""
    assert {entry.name.parent for entry in (*system.TABLES, *system.VIEWS)} == {system.AI_GATEWAY, system.ACCESS}


def test_first_grants_make_sense():
    """Every privilege that is granted at first can be granted there; no table of ours is open to everybody, only views that look at who asks."""
    for name, holder, privilege in system.FIRST_GRANTS:
        assert privileges.parse(privilege, name.kind) == privilege
        assert holder == group(EVERYONE) or (name, holder, privilege) == (system.AI_GATEWAY, group(VIEWERS), privileges.SELECT)
    readable = {name for name, holder, privilege in system.FIRST_GRANTS if (holder, privilege) == (group(EVERYONE), privileges.SELECT)}
    assert all("current_user()" in view.text for view in system.VIEWS if view.name in readable)
    assert not readable & {table.name for table in system.TABLES}

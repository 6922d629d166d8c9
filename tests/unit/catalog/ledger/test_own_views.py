"""The views of one's own rows of the ledger: each has the columns of its view, and a condition on who asks."""

from headgate.catalog.ledger.own_views import OWN_GRANTS, OWN_VIEWS
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.usage_table import USAGE


def test_every_view_that_names_people_has_one():
    """All but what agents report of whole sessions, which `sessions` has."""
    whole = {view.name.leaf: view for view in ledger_views(USAGE.name, ())}
    assert {view.name.leaf for view in OWN_VIEWS} == {f"my_{leaf}" for leaf in whole if leaf != "client_sessions"}
    for view in OWN_VIEWS:
        assert view.schema == whole[view.name.leaf.removeprefix("my_")].schema
        assert "current_user()" in view.text
    assert [name for name, _, _ in OWN_GRANTS] == [view.name for view in OWN_VIEWS]

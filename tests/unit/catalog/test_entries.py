"""Entries of the catalog, as values."""

from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.names import Name
from headgate.catalog.types import to_delta_json
from headgate.catalog.usage_table import USAGE


def test_a_table_knows_its_columns():
    """The schema string decodes to the columns it was made from."""
    assert TableFacts(table_type="MANAGED", columns=to_delta_json(USAGE.schema)).schema == USAGE.schema


def test_what_an_entry_is():
    """A view is one by its type, and Headgate's own by its catalog."""
    view = Entry(id="1", name=Name(("system", "a", "v")), owner="x", table=TableFacts(table_type="VIEW", columns="", view_text="SELECT 1"))
    table = Entry(id="2", name=Name(("systems", "a", "t")), owner="x", table=TableFacts(table_type="EXTERNAL", columns=""))
    assert (view.is_view, view.is_system) == (True, True)
    assert (table.is_view, table.is_system) == (False, False)
    assert not Entry(id="3", name=Name(), owner="x").is_system

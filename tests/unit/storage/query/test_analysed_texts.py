"""Views that were analysed before: what is kept, and when it is made anew."""

import re

import pytest

from headgate.admin.statement_ports import Query
from headgate.catalog.types import Field, Primitive, Structure
from headgate.core.errors import Forbidden
from headgate.storage.query import query_text
from headgate.storage.query.analysed_texts import KeptViews
from headgate.storage.query.compile import compile_query
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations

VIEWS = {"v": "SELECT a, b FROM t WHERE a > 1", "w": "SELECT a FROM v WHERE b = 2", "mine": "SELECT a FROM t WHERE b = current_user()"}


@pytest.fixture
def analysed(monkeypatch):
    """The texts of views that were read, as often as they were."""
    found = []
    real = query_text.view_tree

    def view_tree(text):
        found.append(text)
        return real(text)

    monkeypatch.setattr(query_text, "view_tree", view_tree)
    return found


def _compiled(text, kept, relations=None, name="ana"):
    return compile_query(Query(text=text, principal=user(name)), relations or FakeRelations(views=VIEWS), kept)


def _bare(compiled):
    sql = re.sub(r"headgate_[0-9a-f]{16}_", "", compiled.sql)
    return sql, [(read.source.name.leaf, read.bound) for read in compiled.reads]


def test_a_view_is_analysed_once(analysed):
    """Also inside of another one; the statements are what they are without anything kept, with names of their own for what they read."""
    kept = KeptViews()
    first = _compiled("SELECT a FROM w", kept)
    again = _compiled("SELECT a FROM w", kept)
    other = _compiled("SELECT v.b FROM v JOIN w ON v.a = w.a WHERE v.a < 7", kept, name="ben")
    assert analysed == [VIEWS["w"], VIEWS["v"]]
    assert _bare(again) == _bare(first) == _bare(_compiled("SELECT a FROM w", KeptViews()))
    assert _bare(other) == _bare(_compiled("SELECT v.b FROM v JOIN w ON v.a = w.a WHERE v.a < 7", KeptViews(), name="ben"))
    assert {read.view for read in first.reads}.isdisjoint(read.view for read in again.reads)
    assert kept.stem not in first.sql + other.sql


def test_what_depends_on_who_asks_is_not_kept():
    """Each principal reads what is theirs."""
    kept = KeptViews()
    assert "'ana'" in _compiled("SELECT * FROM mine", kept).sql
    assert "'ben'" in _compiled("SELECT * FROM mine", kept, name="ben").sql


class _Changing(FakeRelations):
    """A catalog in which the table gets another type, or may not be read any more."""

    kind = "integer"
    refused = False

    def resolve_inside(self, view, name):
        """The table as it is now."""
        found = super().resolve_inside(view, name)
        if name.leaf != "t":
            return found
        if self.refused:
            raise Forbidden("no SELECT any more")
        return type(found)(found.name, found.location, Structure((Field("a", Primitive(self.kind)), Field("b", Primitive("integer")))))


def test_it_is_analysed_anew_where_a_name_means_something_else(analysed):
    """And refused where the owner may not read what it names any more."""
    kept, relations = KeptViews(), _Changing(views=VIEWS)
    assert _compiled("SELECT a FROM w", kept, relations).columns[0].type == Primitive("integer")
    relations.kind = "long"
    assert _compiled("SELECT a FROM w", kept, relations).columns[0].type == Primitive("long")
    assert analysed == [VIEWS["w"], VIEWS["v"], VIEWS["v"], VIEWS["w"]]
    relations.refused = True
    with pytest.raises(Forbidden, match="no SELECT any more"):
        _compiled("SELECT a FROM w", kept, relations)


def test_a_view_of_a_view_that_depends_on_who_asks_is_not_kept_either():
    """What it reads is made for each principal."""
    kept = KeptViews()
    views = {"whole": "SELECT a FROM mine", **VIEWS}
    assert "'ana'" in _compiled("SELECT * FROM whole", kept, FakeRelations(views=views)).sql
    assert "'ben'" in _compiled("SELECT * FROM whole", kept, FakeRelations(views=views), "ben").sql

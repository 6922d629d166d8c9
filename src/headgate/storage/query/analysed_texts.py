"""Texts that were analysed, and the views among them that are kept for the next statement.

A view's text is read and analysed once. What it means depends on the text and on the tables and views that it names, which are looked up for every
statement with the rights that count then: where one has become another, the view is analysed anew.
"""

import hashlib
import itertools
import secrets
from collections import OrderedDict

import msgspec

from headgate.admin.statement_ports import Relation, ViewSource
from headgate.catalog.names import Name
from headgate.storage.query.analysis.plan import QueryPlan
from headgate.storage.query.compiled import AsOf
from headgate.storage.query.row_bounds import TextOutlines
from headgate.storage.query.table_references import OWN_PREFIX

_VIEWS_MAX = 128
_CHARS_MAX = 64 * 1024  # of a view's text; the plan of a longer one takes too much memory to be kept


class NameRead(msgspec.Struct, frozen=True):
    """A relation that a text names: what stands for it in the tree, what the name means, and what its own text has become if it is a view."""

    mark: str
    name: Name
    as_of: AsOf
    relation: Relation
    view: "AnalysedText | None" = None


class AnalysedText(msgspec.Struct, frozen=True, eq=False):
    """A text whose names are resolved and whose expressions are typed. `own` says that it means the same for everyone who may read what it names."""

    plan: QueryPlan
    reads: tuple[NameRead, ...]
    outlines: TextOutlines
    own: bool


class KeptViews:
    """The views that one process has analysed. `stem` begins the names of relations in their plans; it never leaves the process."""

    def __init__(self) -> None:
        self.stem = f"{OWN_PREFIX}{secrets.token_hex(8)}"
        self._numbers = itertools.count()
        self._kept: OrderedDict[ViewSource, AnalysedText] = OrderedDict()

    def table_mark(self, name: Name, as_of: AsOf) -> str:
        """What stands for a table, the same in all plans."""
        digest = hashlib.blake2b(repr((name.parts, as_of)).encode(errors="surrogatepass"), digest_size=16).hexdigest()
        return f"{self.stem}_t{digest}"

    def view_mark(self, name: Name) -> str:
        """What stands for a view."""
        return f"{self.stem} {name}"

    def cte_mark(self) -> str:
        """A new name for a common table expression."""
        return f"{self.stem}_c{next(self._numbers)}"

    def find(self, view: ViewSource) -> AnalysedText | None:
        """What its text became, if that is kept."""
        found = self._kept.get(view)
        if found is not None:
            self._kept.move_to_end(view)
        return found

    def keep(self, view: ViewSource, analysed: AnalysedText) -> None:
        """Remember it, unless it depends on who asks."""
        if not analysed.own or len(view.text) > _CHARS_MAX:
            return
        self._kept[view] = analysed
        while len(self._kept) > _VIEWS_MAX:
            self._kept.popitem(last=False)

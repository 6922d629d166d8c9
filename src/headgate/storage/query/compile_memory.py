"""Queries that were compiled before. A page asks the same texts again and again, with other values, and compiling one over the ledger takes longer than
many a query takes to run.

A text is compiled once, with marks for the values of its parameters; a value takes the place of its mark as a quoted text. That is what compiling with the
value gives, as a value is only ever the text inside of a cast. A text that asks for the user or the user's groups is compiled once for each principal, as it
is with its groups. Every name is looked up again, with the rights that the principal has now: where one is refused or means something else, the text is
compiled anew.
"""

import re
import secrets
from collections import OrderedDict
from typing import Protocol

import msgspec

from headgate.admin.statement_ports import Parameter, Query, Relation, Relations, ViewSource
from headgate.catalog.names import Defaults, Name
from headgate.core.errors import BadRequest, GatewayError
from headgate.core.principal import Principal
from headgate.storage.query.bounds import with_texts
from headgate.storage.query.compiled import Compiled
from headgate.storage.query.duckdb_text import literal

_KEPT_MAX = 512
_CHARS_MAX = 512 * 1024  # of a text that is remembered, and of what it became
_ALL_CHARS_MAX = 32 << 20

_Key = tuple[str, Principal | None, Defaults, tuple[tuple[str, str, bool], ...]]


_WHATEVER_THE_VALUES = frozenset({"PARSE_SYNTAX_ERROR", "UNBOUND_SQL_PARAMETER", "UNRESOLVED_COLUMN", "TABLE_OR_VIEW_NOT_FOUND", "WRONG_NUM_ARGS"})
"""Errors of a text that it has with other values too: it is not compiled once more."""


class Compiler(Protocol):
    """Compiles queries where the work can be ended."""

    async def compile(self, query: Query, relations: Relations) -> Compiled:
        """The query over Headgate's views. Cancelling ends the work."""


class _LookUp(msgspec.Struct, frozen=True):
    name: Name
    inside: ViewSource | None
    found: Relation


class _Remembered(msgspec.Struct, frozen=True):
    """A compiled text in pieces. Every second piece is the place of a parameter's value. In bounds its mark, `stem` and a number, is such a place."""

    compiled: Compiled
    pieces: tuple[str, ...]
    lookups: tuple[_LookUp, ...]
    stem: str

    @property
    def chars(self) -> int:
        return sum(map(len, self.pieces))

    def means_the_same(self, relations: Relations) -> bool:
        try:
            return all(
                (relations.resolve(one.name) if one.inside is None else relations.resolve_inside(one.inside, one.name)) == one.found
                for one in self.lookups
            )
        except GatewayError:
            return False

    def filled(self, parameters: tuple[Parameter, ...]) -> Compiled:
        pieces = list(self.pieces)
        for place in range(1, len(pieces), 2):
            pieces[place] = literal(parameters[int(pieces[place])].value or "")

        def text_of(text: str) -> str:
            return (parameters[int(text.removeprefix(self.stem))].value or "") if text.startswith(self.stem) else text

        reads = tuple(msgspec.structs.replace(read, bound=with_texts(read.bound, text_of)) for read in self.compiled.reads)
        return msgspec.structs.replace(self.compiled, sql="".join(pieces), reads=reads)


class CompileMemory:
    """Implements `Compiler` before another one. Used on one event loop."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._kept: OrderedDict[_Key, _Remembered] = OrderedDict()
        self._chars = 0

    async def compile(self, query: Query, relations: Relations) -> Compiled:
        """The query, compiled for the principal that runs it."""
        shapes = tuple((one.name, one.type, one.value is None) for one in query.parameters)
        everyones, mine = ((query.text, whose, query.defaults, shapes) for whose in (None, query.principal))
        for key in (everyones, mine):
            known = self._kept.get(key)
            if known is not None and known.means_the_same(relations):
                self._kept.move_to_end(key)
                return known.filled(query.parameters)
        made = await self._remembered(query, relations)
        if isinstance(made, Compiled):
            return made
        self._keep(everyones if made.compiled.own else mine, made)
        return made.filled(query.parameters)

    def _keep(self, key: _Key, made: _Remembered) -> None:
        self._forget(key)  # the same text may have been compiled twice at once
        self._kept[key] = made
        self._chars += made.chars
        while len(self._kept) > _KEPT_MAX or self._chars > _ALL_CHARS_MAX:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: _Key) -> None:
        known = self._kept.pop(key, None)
        self._chars -= known.chars if known is not None else 0

    async def _remembered(self, query: Query, relations: Relations) -> _Remembered | Compiled:
        """The query with marks for its values; the compiled query itself where that cannot be remembered."""
        stem = f"\ue000value {secrets.token_hex(8)} "
        marked = tuple(
            one if one.value is None else msgspec.structs.replace(one, value=f"{stem}{number}") for number, one in enumerate(query.parameters)
        )
        noted = _Noting(relations)
        try:
            compiled = await self._compiler.compile(msgspec.structs.replace(query, parameters=marked), noted)
        except BadRequest as error:
            if marked == query.parameters or error.code in _WHATEVER_THE_VALUES:
                raise
            # Perhaps it depends on a value.
            return await self._compiler.compile(query, relations)
        pieces = re.split(f"'{stem}([0-9]+)'", compiled.sql)
        if any(stem in piece for piece in pieces) or len(query.text) + len(compiled.sql) > _CHARS_MAX:
            return await self._compiler.compile(query, relations)
        return _Remembered(compiled, tuple(pieces), tuple(noted.lookups), stem)


class _Noting:
    """The catalog as one principal sees it, and what was looked up in it."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self.lookups: list[_LookUp] = []

    def resolve(self, name: Name) -> Relation:
        """What a name in the statement means."""
        found = self._relations.resolve(name)
        self.lookups.append(_LookUp(name, None, found))
        return found

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of a view means."""
        found = self._relations.resolve_inside(view, name)
        self.lookups.append(_LookUp(name, view, found))
        return found

"""GROUP BY: its keys, which may be places in the select list, and its grouping sets, of which ROLLUP and CUBE are short forms."""

from collections.abc import Sequence

from sqlglot import exp

from headgate.storage.query.analysis import zeros
from headgate.storage.query.analysis.expressions import Expressions
from headgate.storage.query.analysis.plan import SelectItem
from headgate.storage.query.analysis.scope import NameScope
from headgate.storage.query.analysis.select_list import group_key, has_aggregate, is_star, ordinal
from headgate.storage.query.analysis.value import Value, refused

_SETS = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE", exp.GroupingSets: "GROUPING SETS"}
_PARTS = frozenset({"expressions", "all", "cube", "rollup", "grouping_sets"})


class GroupBy:
    """Analyses the GROUP BY of one SELECT, after its select list. `keys` are the texts of its keys, each once."""

    def __init__(self, expressions: Expressions, scope: NameScope, items: Sequence[SelectItem]) -> None:
        self._expressions = expressions
        self._scope = scope
        self._items = items
        self.keys: list[str] = []
        self._has_sets = False

    def text(self, tree: exp.Select) -> str:
        """DuckDB's text; empty without a GROUP BY."""
        group = tree.args.get("group")
        if group is None:
            return ""
        other = next((part for part, value in group.args.items() if value and part not in _PARTS), "")
        if other:
            raise refused(f"{other.replace('_', ' ').upper()} is not taken in a GROUP BY.")
        if group.args.get("all"):
            sources = self._sources(tree)
            values = [item.value for item, source in zip(self._items, sources, strict=True) if not has_aggregate(source)]
            return ", ".join(self._noted(value) for value in values)
        parts = [self._part(one) for one in group.expressions]
        for sort, word in (("rollup", "ROLLUP"), ("cube", "CUBE")):
            if group.args.get(sort):  # WITH ROLLUP, of all keys
                parts = [f"{word} ({', '.join(parts)})"]
        if group.args.get("grouping_sets"):  # behind the keys, which it names again
            parts = [self._part(one) for one in group.args["grouping_sets"]]
        self._has_sets = any(part.startswith(tuple(_SETS.values())) for part in parts)
        return ", ".join(parts)

    def check_calls(self) -> None:
        """Refuse wrong calls in the statement: `grouping` asks about a key of grouping sets, and `grouping_id` about all of them, in their order."""
        for name, arguments in self._scope.grouping_calls:
            if not self._has_sets:
                raise refused(f"{name} is taken with GROUPING SETS, ROLLUP and CUBE alone.", "UNSUPPORTED_GROUPING_EXPRESSION")
            if name == "grouping" and arguments[0] not in self.keys:
                raise refused("What grouping asks about is no key of the groups.", "GROUPING_COLUMN_MISMATCH")
            if name == "grouping_id" and arguments and list(arguments) != self.keys:
                raise refused("grouping_id takes all keys of the groups in their order, or nothing.", "GROUPING_ID_COLUMN_MISMATCH")

    def _part(self, tree: exp.Expression) -> str:
        """A key, several in parentheses, or grouping sets."""
        word = _SETS.get(type(tree))
        if word is not None:
            return f"{word} ({', '.join(map(self._part, tree.expressions))})"
        in_sets = type(tree.parent) in _SETS
        if isinstance(tree, exp.Tuple) and not in_sets:
            raise refused("Keys of a GROUP BY have no parentheses around them: together they would be one STRUCT.", "MISSING_AGGREGATION")
        if isinstance(tree, exp.Tuple):
            return f"({', '.join(map(self._key, tree.expressions))})"
        return f"({self._key(tree.this)})" if isinstance(tree, exp.Paren) and in_sets else self._key(tree)

    def _key(self, tree: exp.Expression) -> str:
        place = ordinal(tree)
        if place is None:
            return self._noted(self._expressions.value(tree, self._scope))
        if not 1 <= place <= len(self._items):
            raise refused(f"GROUP BY position {place} is not in the select list, which has {len(self._items)} columns.", "GROUP_BY_POS_OUT_OF_RANGE")
        item = self._items[place - 1]
        for column in item.uses:
            self._scope.uses.add(column)
        return self._noted(item.value)

    def _noted(self, value: Value) -> str:
        if zeros.may_be(value.kind):
            self._scope.zero_keys[value.text] = value.kind
        if value.text not in self.keys:
            self.keys.append(value.text)
        return group_key(value.text)

    def _sources(self, tree: exp.Select) -> list[exp.Expression | None]:
        """The tree of each item; None for those of a star."""
        if len(tree.expressions) == len(self._items):
            return [None if is_star(one) else one for one in tree.expressions]
        if any(has_aggregate(one) for one in tree.expressions):
            raise refused("GROUP BY ALL is not taken with a star beside an aggregate: list the columns.")
        return [None] * len(self._items)

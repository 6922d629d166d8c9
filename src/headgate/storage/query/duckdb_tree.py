"""The last look before a statement runs: the tree that DuckDB itself parsed, held against an allow-list.

Two parsers may read one text differently. What sqlglot wrote is therefore parsed by DuckDB, printed as JSON (`json_serialize_sql`), and every table, function
and kind of expression in it is checked here. Runs inside the worker.
"""

from collections.abc import Collection, Iterator
from typing import Any

from headgate.storage.query.duckdb_functions import FUNCTIONS, TABLE_FUNCTIONS

_RELATIONS = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT"})
_EXPRESSIONS = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "STAR", "SUBQUERY", "WINDOW", "TYPE"}
)  # fmt: skip
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE"})


class Disallowed(Exception):
    """DuckDB read something that is not allowed."""


def check(tree: Any, views: Collection[str]) -> None:  # ruff: ignore[any-type] - DuckDB's JSON
    """Refuse the first thing that is not listed. `views` are the only names of stored rows; every other table is a CTE, named inside its own scope."""
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise Disallowed(str(tree.get("error_message") or "exactly one statement that reads")[:500])
    stored = frozenset(name.lower() for name in views)
    # Parts of the tree that are still to be looked at, each with the names of tables that it may use.
    pending: list[tuple[Any, frozenset[str]]] = [(tree, stored)]
    while pending:
        item, known = pending.pop()
        if isinstance(item, list):
            pending.extend((part, known) for part in item)
        elif isinstance(item, dict):
            _check_node(item, known)
            for name in _cte_names(item):
                if name in stored:
                    raise Disallowed(f"a common table expression with the name {name}")
            pending.extend(_parts(item, known))


def _parts(node: dict[str, Any], known: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    """What a node holds, each part with the tables in its scope: a definition sees those before it, and the query sees all."""
    entries = (node.get("cte_map") or {}).get("map") or ()
    for entry in entries:
        yield entry["value"], known
        known |= {str(entry["key"]).lower()}
    own = frozenset(str(node[key]).lower() for key in ("cte_name", "ctename") if isinstance(node.get(key), str))
    # Only the part behind a definition sees its name: the second arm of a recursive one, and the query that it belongs to.
    behind = {"RECURSIVE_CTE_NODE": "right", "CTE_NODE": "child"}.get(str(node.get("type")), "")
    for key, value in node.items():
        if key != "cte_map":
            yield value, known | own if key == behind else known


def _cte_names(node: dict[str, Any]) -> Iterator[str]:
    entries = (node.get("cte_map") or {}).get("map") or ()
    yield from (str(entry["key"]).lower() for entry in entries)
    yield from (str(node[key]).lower() for key in ("cte_name", "ctename") if isinstance(node.get(key), str))


def _check_node(node: dict[str, Any], known: frozenset[str]) -> None:
    kind, family = node.get("type"), node.get("class")
    if "function_name" in node:
        _check_function(node)
    if family is not None and family not in _EXPRESSIONS:
        raise Disallowed(f"the expression {family}")
    if family is None and isinstance(kind, str):
        if kind.endswith("_NODE") and kind not in _NODES:
            raise Disallowed(f"the statement {kind}")
        if "sample" in node and "select_list" not in node and kind not in _RELATIONS:
            raise Disallowed(f"the relation {kind}")
    if kind == "BASE_TABLE":
        _check_table(node, known)
    if kind == "TABLE_FUNCTION" and str((node.get("function") or {}).get("function_name", "")).lower() not in TABLE_FUNCTIONS:
        raise Disallowed("a table function")


def _check_function(node: dict[str, Any]) -> None:
    name = str(node["function_name"]).lower()
    if name not in FUNCTIONS:
        raise Disallowed(f"the function {name}")
    if node.get("schema") or node.get("catalog"):
        raise Disallowed(f"the function {name} of another schema")


def _check_table(node: dict[str, Any], known: frozenset[str]) -> None:
    path = (node.get("qualified_name") or {}).get("path") or ()
    if node.get("schema_name") or node.get("catalog_name") or node.get("at_clause") or len(path) > 1:
        raise Disallowed(f"the table {node.get('schema_name')}.{node.get('table_name')}")
    if str(node.get("table_name", "")).lower() not in known:
        raise Disallowed(f"the table {node.get('table_name')}")

"""Walks over syntax trees."""

from sqlglot import exp, parse_one

from headgate.storage.query import tree_nodes

TREE = parse_one(
    "WITH c AS (SELECT a, CASE WHEN b THEN 1 ELSE f(d) END FROM t) SELECT x.*, [1, 2] FROM c AS x JOIN u ON x.a = u.a WHERE a IN (SELECT 1)"
)


def test_every_node_in_the_order_of_sqlglots_own_walk():
    """Level by level."""
    assert list(map(id, tree_nodes.walk(TREE))) == list(map(id, TREE.walk()))


def test_nodes_of_some_kinds():
    """Those of several classes, in the same order."""
    assert [node.name for node in tree_nodes.of_kinds(TREE, exp.Table)] == ["c", "u", "t"]
    assert list(map(id, tree_nodes.of_kinds(TREE, exp.Column, exp.CTE))) == list(map(id, TREE.find_all(exp.Column, exp.CTE)))

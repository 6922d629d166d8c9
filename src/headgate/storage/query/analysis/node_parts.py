"""The parts of each kind of node that the analysis looks at. A node with another part is refused: left out, it would change what the expression means."""

from sqlglot import exp

_TWO_SIDES = frozenset({"this", "expression"})
_PARTS: dict[type[exp.Expression], frozenset[str]] = {
    exp.Column: frozenset({"this", "table", "db", "catalog"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Concat: frozenset({"expressions", "safe"}),
    exp.Interval: frozenset({"this", "unit"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Cast: frozenset({"this", "to", "typed"}),
    exp.TryCast: frozenset({"this", "to", "safe"}),
    exp.Bracket: frozenset({"this", "expressions"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
    exp.Array: frozenset({"expressions"}),
    exp.Like: frozenset({"this", "expression", "negate"}),
    exp.ILike: frozenset({"this", "expression", "negate"}),
    exp.Trim: frozenset({"this", "expression", "position"}),
    exp.Substring: frozenset({"this", "start", "length"}),
    exp.StrPosition: frozenset({"this", "substr", "position"}),
    exp.Overlay: frozenset({"this", "expression", "from_", "for_"}),
    exp.JSONExtract: frozenset({"this", "expression", "variant_extract"}),
    exp.JSONPath: frozenset({"expressions"}),
    exp.Window: frozenset({"this", "partition_by", "order", "spec", "alias", "over"}),
    exp.Div: frozenset({"this", "expression", "typed", "safe"}),
    exp.DPipe: frozenset({"this", "expression", "safe"}),
}


def of(tree: exp.Expression) -> frozenset[str]:
    """The parts that are looked at; `this` and `expression` for most."""
    return _PARTS.get(type(tree), _TWO_SIDES)

"""PIVOT and UNPIVOT as the queries that they are short for."""

from collections.abc import Sequence

from sqlglot import exp

from headgate.storage.query.analysis.value import refused


def pivoted(relation: exp.Expression, tree: exp.Pivot, columns: Sequence[str]) -> exp.Select:
    """The SELECT that answers a PIVOT over a relation of these columns: a group for each row of the others, a filtered aggregate for each value."""
    fields = tree.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0], exp.In) or not isinstance(fields[0].this, exp.Column):
        raise refused("PIVOT … FOR takes one column.")
    by, values = fields[0].this, fields[0].expressions
    used = {column.name.lower() for each in tree.expressions for column in each.find_all(exp.Column)} | {by.name.lower()}
    groups = [exp.column(name, quoted=True) for name in columns if name.lower() not in used]
    items: list[exp.Expr] = [group.copy() for group in groups]
    for value in values:
        plain = value.this if isinstance(value, (exp.Alias, exp.PivotAlias)) else value
        name = _alias(value) or str(plain.name)
        for each in tree.expressions:
            own = each.alias if isinstance(each, exp.Alias) else ""
            title = name if len(tree.expressions) == 1 else f"{name}_{own or each.sql('databricks').lower()}"
            items.append(exp.alias_(_where(each, by, plain), title, quoted=True))
    found = exp.Select(expressions=items)
    found.set("from_", exp.From(this=relation))
    if groups:
        found.set("group", exp.Group(expressions=groups))
    return found


def unpivoted(relation: exp.Expression, tree: exp.Pivot, columns: Sequence[str]) -> exp.Select:
    """The SELECT that answers an UNPIVOT: a row for each of the listed columns, those with NULL left out unless INCLUDE NULLS is written."""
    fields = tree.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0], exp.In) or len(tree.expressions) != 1:
        raise refused("UNPIVOT takes one column of values and one of names.")
    listed = [value.this if isinstance(value, (exp.Alias, exp.PivotAlias)) else value for value in fields[0].expressions]
    if not all(isinstance(one, exp.Column) for one in listed):
        raise refused("UNPIVOT lists columns.")
    gone = {one.name.lower() for one in listed}
    rows = [
        exp.Tuple(expressions=[exp.Literal.string(_alias(value) or one.name), one.copy()])
        for value, one in zip(fields[0].expressions, listed, strict=True)
    ]
    names = [exp.to_identifier(fields[0].this.name, quoted=True), exp.to_identifier(tree.expressions[0].name, quoted=True)]
    values = exp.Values(expressions=rows, alias=exp.TableAlias(this=exp.to_identifier("headgate unpivoted", quoted=True), columns=names))
    inner = exp.Select(expressions=[exp.Star()])
    inner.set("from_", exp.From(this=values))
    kept = [exp.column(name, quoted=True) for name in columns if name.lower() not in gone]
    found = exp.Select(expressions=[*kept, *(exp.Column(this=name.copy()) for name in names)])
    found.set("from_", exp.From(this=relation))
    found.set("joins", [exp.Join(this=exp.Lateral(this=exp.Subquery(this=inner)), kind="CROSS")])
    if not tree.args.get("include_nulls"):
        found.set("where", exp.Where(this=exp.not_(exp.Is(this=exp.Column(this=names[1].copy()), expression=exp.null()))))
    return found


def _alias(value: exp.Expression) -> str:
    named = value.args.get("alias") if isinstance(value, (exp.Alias, exp.PivotAlias)) else None
    return "" if named is None else str(named.name)


def _where(each: exp.Expression, by: exp.Column, value: exp.Expression) -> exp.Expression:
    """An aggregate of the rows that have the value; NULL where there are none."""
    call = each.this if isinstance(each, exp.Alias) else each
    if not isinstance(call, exp.Anonymous):
        raise refused("PIVOT takes plain aggregates.")
    condition = exp.NullSafeEQ(this=by.copy(), expression=value.copy())
    filtered = exp.Filter(this=call.copy(), expression=exp.Where(this=condition))
    rows = exp.Filter(this=exp.Anonymous(this="count", expressions=[exp.Literal.number(1)]), expression=exp.Where(this=condition.copy()))
    some = exp.GT(this=rows, expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=some, true=filtered)])

"""`CREATE TABLE` and added columns, out of sqlglot's syntax tree. What is not understood is refused by name; nothing is dropped silently."""

from collections.abc import Sequence

from sqlglot import exp

from headgate.catalog import names, table_properties, types
from headgate.catalog.column_names import check_column_name, check_partitions
from headgate.catalog.sql_text import parse, refused
from headgate.catalog.statements import CreateTable, CreateTableAs
from headgate.catalog.types import Field, Structure, Type
from headgate.core.errors import BadRequest

_SCALARS = {
    "TEXT": "string", "VARCHAR": "string", "CHAR": "string", "NCHAR": "string", "NVARCHAR": "string", "BIGINT": "long", "INT": "integer",
    "SMALLINT": "short", "TINYINT": "byte", "DOUBLE": "double", "FLOAT": "float", "BOOLEAN": "boolean", "BINARY": "binary",
    "VARBINARY": "binary", "DATE": "date", "TIMESTAMP": "timestamp", "TIMESTAMPTZ": "timestamp", "TIMESTAMPLTZ": "timestamp",
    "TIMESTAMPNTZ": "timestamp_ntz", "VARIANT": "variant",
}  # fmt: skip


def read(text: str, defaults: tuple[str, ...], query: str = "") -> CreateTable | CreateTableAs:
    """The table that a `CREATE TABLE` statement asks for. `text` ends before AS and a `query`, whose columns are the table's then."""
    tree = _parse(text)
    if not isinstance(tree, exp.Create) or tree.kind != "TABLE":
        raise refused("CREATE TABLE is not understood; write CREATE TABLE name (column TYPE, …) USING DELTA.")
    others = [name for name, value in tree.args.items() if value and name not in {"this", "kind", "exists", "replace", "properties"}]
    if others:
        raise refused(f"{others[0].upper()} is not taken in CREATE TABLE.")
    schema = tree.this
    made = _Properties()
    for item in (tree.args.get("properties") or exp.Properties(expressions=[])).expressions:
        made.read(item)
    if made.external and not made.location:
        raise refused("CREATE EXTERNAL TABLE takes a LOCATION; leave EXTERNAL out for a table that Headgate places.")
    if query:
        _refuse_beside_query(schema, made)
    elif not isinstance(schema, exp.Schema) and not made.location:
        raise refused("CREATE TABLE needs its columns in parentheses, or the LOCATION of a Delta table that has them.")
    whole = isinstance(schema, exp.Schema)
    table = names.of_parts(tuple(part.name for part in (schema.this if whole else schema).parts), 3, defaults[:2])
    fields = _columns(schema.expressions) if whole else ()
    if whole or made.partition_fields:
        check_partitions(fields + tuple(made.partition_fields), made.partitioned_by)
    if made.clustered_by:
        made.set[table_properties.CLUSTERING] = ",".join(made.clustered_by)
    asked = CreateTable(
        name=table,
        schema=Structure(fields + tuple(made.partition_fields)),
        properties=table_properties.check(made.set),
        partitioned_by=tuple(made.partitioned_by),
        comment=made.comment,
        location=made.location,
        if_not_exists=bool(tree.args.get("exists")),
        or_replace=bool(tree.args.get("replace")),
    )
    return CreateTableAs(asked, query) if query else asked


def _refuse_beside_query(schema: exp.Expression, made: "_Properties") -> None:
    if isinstance(schema, exp.Schema) or made.partition_fields:
        raise refused("CREATE TABLE … AS takes no types: the columns are those of the query. Write them there with CAST and AS.")
    if made.location or made.external:
        raise refused("CREATE TABLE … AS takes no LOCATION. Create the table with its LOCATION and columns, then INSERT INTO it.")


def read_added(text: str) -> tuple[Field, ...]:
    """The columns that `ALTER TABLE … ADD COLUMN` adds; a required column cannot be added to rows that lack it."""
    tree = _parse(text)
    if not isinstance(tree, exp.Alter):
        raise refused("ALTER TABLE … ADD COLUMN is not understood; write ADD COLUMN name TYPE.")
    items: list[object] = []
    for action in tree.args["actions"]:
        items += action.expressions if isinstance(action, exp.Schema) else [action]
    fields = _columns(items)
    for field in fields:
        if not field.nullable:
            raise BadRequest(f"The column {field.name} cannot be NOT NULL: rows already written lack it.", code="DELTA_ADD_COLUMN_NOT_NULL")
    return fields


def _parse(text: str) -> exp.Expression | None:
    trees = parse(text)
    tree = trees[0] if trees else None
    return tree if isinstance(tree, exp.Expression) else None


class _Properties:
    """Collects the clauses after the columns."""

    def __init__(self) -> None:
        self.set: dict[str, str] = {}
        self.partitioned_by: list[str] = []
        self.partition_fields: list[Field] = []
        self.clustered_by: list[str] = []
        self.comment = ""
        self.location = ""
        self.external = False

    def read(self, item: exp.Expression) -> None:
        """One property, refused if unknown."""
        match item:
            case exp.FileFormatProperty():
                if _plain(item.this or "").upper() != "DELTA":
                    raise refused(f"Tables are USING DELTA, not {_plain(item.this or 'nothing')[:60]}.")
            case exp.ExternalProperty():
                self.external = True
            case exp.LocationProperty():
                self.location = _plain(item.this)
            case exp.PartitionedByProperty():
                self._partitions(item.this)
            case exp.SchemaCommentProperty():
                self.comment = _plain(item.this)
            case exp.ClusterProperty():
                self._clusters(item)
            case _ if type(item) is exp.Property:
                self.set[_plain(item.this)] = _plain(item.args["value"])
            case _:
                raise refused(f"{item.sql('databricks')[:80]} is not taken in CREATE TABLE.")

    def _partitions(self, schema: exp.Expression) -> None:
        for part in schema.expressions:
            if isinstance(part, exp.ColumnDef) and part.args.get("kind"):
                self.partition_fields.append(_column(part))
            elif not isinstance(part, (exp.Identifier, exp.Column, exp.ColumnDef)):
                raise refused(f"PARTITIONED BY takes columns, not {part.sql('databricks')[:60]}.")
            self.partitioned_by.append(part.name)

    def _clusters(self, item: exp.Expression) -> None:
        if not item.expressions:
            if str(item.this or "").upper() not in {"AUTO", "NONE"}:
                raise refused("CLUSTER BY takes columns in parentheses, AUTO or NONE.")
            return
        self.clustered_by += [column.sql("databricks").replace("`", "") for column in item.expressions]


def _plain(item: object) -> str:
    """A property's key or value as text: `'a.b'`, `a.b`, `7` and `true` alike."""
    if isinstance(item, exp.Literal):
        return str(item.this)
    if isinstance(item, exp.Concat):  # 'two' 'literals' side by side are one
        return "".join(_plain(part) for part in item.expressions)
    return item.sql("databricks").replace("`", "") if isinstance(item, exp.Expression) else str(item)


def _columns(items: Sequence[object], depth: int = 0) -> tuple[Field, ...]:
    fields = tuple(_column(item, depth) for item in items)
    seen: set[str] = set()
    for field in fields:
        if field.name.lower() in seen:
            raise BadRequest(f"[COLUMN_ALREADY_EXISTS] The column {field.name} is named twice.", code="COLUMN_ALREADY_EXISTS")
        seen.add(field.name.lower())
    if not fields:
        raise refused("A table needs at least one column.")
    return fields


def _column(item: object, depth: int = 0) -> Field:
    if not isinstance(item, exp.ColumnDef) or item.args.get("kind") is None:
        raise refused(f"{_plain(item)[:80]!r} is not a column; write name TYPE.")
    check_column_name(item.name)
    nullable, comment = True, ""
    for constraint in item.args.get("constraints") or []:
        match getattr(constraint, "kind", constraint):
            case exp.NotNullColumnConstraint():
                nullable = bool(constraint.kind.args.get("allow_null"))
            case exp.CommentColumnConstraint():
                comment = _plain(constraint.kind.this)
            case other:
                raise refused(f"{other.sql('databricks')[:60]!r} is not taken on the column {item.name}.")
    if item.args.get("position") is not None:
        raise refused("Columns are added at the end; FIRST and AFTER are not taken.")
    return Field(item.name, _type(item.args["kind"], depth), nullable, comment)


def _type(kind: exp.Expression, depth: int) -> Type:
    if depth > types.NESTING_MAX:
        raise refused(f"The type is nested too deeply; at most {types.NESTING_MAX} levels are taken.")
    if not isinstance(kind, exp.DataType):
        raise refused(f"The type {kind.sql('databricks')[:60]!r} is not understood.")
    word = kind.this.name if hasattr(kind.this, "name") else str(kind.this)
    if word == "STRUCT":
        return Structure(_columns(kind.expressions, depth + 1))
    if word == "ARRAY" and len(kind.expressions) == 1:
        return types.Array(_type(kind.expressions[0], depth + 1))
    if word == "MAP" and len(kind.expressions) == 2:
        return types.Map(_type(kind.expressions[0], depth + 1), _type(kind.expressions[1], depth + 1))
    if word == "DECIMAL":
        sizes = [part.this.name for part in kind.expressions]
        return types.parse_text(f"decimal({','.join(sizes)})" if sizes else "decimal(10,0)")
    if word in _SCALARS:
        return types.Primitive(_SCALARS[word])
    raise BadRequest(f"[UNSUPPORTED_DATATYPE] The type {kind.sql('databricks')} is not supported.", code="UNSUPPORTED_DATATYPE")

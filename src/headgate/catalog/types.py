"""A small algebra of column types, and its three spellings: Delta's schema JSON, Unity Catalog's type text, and SQL as a person writes it.

Knows nothing of Arrow, DuckDB or sqlglot; each adapter maps from here.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

from headgate.catalog.names import quote
from headgate.core.errors import BadRequest

# Delta's primitive names, by the name that Unity Catalog writes.
PRIMITIVES = {
    "string": "string", "bigint": "long", "int": "integer", "smallint": "short", "tinyint": "byte", "double": "double", "float": "float",
    "boolean": "boolean", "binary": "binary", "date": "date", "timestamp": "timestamp", "timestamp_ntz": "timestamp_ntz", "variant": "variant",
}  # fmt: skip
_TEXT_OF = {delta: text for text, delta in PRIMITIVES.items()}
# Types of a query's columns that no table's column has.
_OF_QUERIES = {
    name: name for name in ("void", "interval day", "interval day to second", "interval hour to second", "interval year to month", "interval month")
}
_ALIASES = {
    "long": "bigint",
    "integer": "int",
    "short": "smallint",
    "byte": "tinyint",
    "real": "float",
    "bool": "boolean",
    "decimal": "decimal(10,0)",
}
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
NESTING_MAX = 32
_DELTA_NESTING_MAX = 100  # more than a person writes: a table that is there already is not refused


class Primitive(msgspec.Struct, frozen=True, tag="primitive"):
    """A type without parts, by Delta's name: `long`, `string`, `timestamp`, …"""

    name: str


class Decimal(msgspec.Struct, frozen=True, tag="decimal"):
    """A fixed-point number."""

    precision: int
    scale: int


class Array(msgspec.Struct, frozen=True, tag="array"):
    """A list of one type; elements may be null."""

    element: "Type"


class Map(msgspec.Struct, frozen=True, tag="map"):
    """Keys and values; values may be null."""

    key: "Type"
    value: "Type"


class Field(msgspec.Struct, frozen=True):
    """A column, or a field of a struct."""

    name: str
    type: "Type"
    nullable: bool = True
    comment: str = ""


class Structure(msgspec.Struct, frozen=True, tag="struct"):
    """Named fields; a table's schema is one of these."""

    fields: tuple[Field, ...]


Type = Primitive | Decimal | Array | Map | Structure


def to_delta(kind: Type) -> str | dict[str, object]:
    """The type as Delta's schema JSON holds it."""
    match kind:
        case Primitive(name):
            return name
        case Decimal(precision, scale):
            return f"decimal({precision},{scale})"
        case Array(element):
            return {"type": "array", "elementType": to_delta(element), "containsNull": True}
        case Map(key, value):
            return {"type": "map", "keyType": to_delta(key), "valueType": to_delta(value), "valueContainsNull": True}
        case Structure(fields):
            return {"type": "struct", "fields": [field_to_delta(field) for field in fields]}


def field_to_delta(field: Field) -> dict[str, object]:
    """A field as Delta's schema JSON holds it; Unity Catalog's `type_json` is the same."""
    metadata = {"comment": field.comment} if field.comment else {}
    return {"name": field.name, "type": to_delta(field.type), "nullable": field.nullable, "metadata": metadata}


def to_delta_json(schema: Structure) -> str:
    """A table's schema string."""
    return msgspec.json.encode(to_delta(schema)).decode()


def from_delta(value: object, depth: int = 0) -> Type:
    """The type that a piece of Delta's schema JSON means; unknown types are refused by name."""
    _check_depth(depth, _DELTA_NESTING_MAX)
    if isinstance(value, str):
        return _scalar(_TEXT_OF.get(value, value))
    match value:
        case {"type": "array", "elementType": element}:
            return Array(from_delta(element, depth + 1))
        case {"type": "map", "keyType": key, "valueType": item}:
            return Map(from_delta(key, depth + 1), from_delta(item, depth + 1))
        case {"type": "struct", "fields": [*fields]}:
            return Structure(tuple(field_from_delta(field, depth + 1) for field in fields))
        case _:
            raise BadRequest(f"Unknown type {_shown(value)} in a table's schema.", code="UNSUPPORTED_DATATYPE")


def field_from_delta(value: object, depth: int = 0) -> Field:
    """A field out of Delta's schema JSON."""
    match value:
        case {"name": str(name), "type": kind, **others}:
            metadata = others.get("metadata")
            comment = metadata.get("comment") if isinstance(metadata, dict) else None
            return Field(name, from_delta(kind, depth), bool(others.get("nullable", True)), str(comment or ""))
        case _:
            raise BadRequest(f"{_shown(value)} is not a field of a table's schema: it has no name or no type.", code="UNSUPPORTED_DATATYPE")


def from_delta_json(text: str) -> Structure:
    """A table's schema out of its schema string."""
    schema = from_delta(msgspec.json.decode(text))
    if not isinstance(schema, Structure):
        raise BadRequest("A table's schema is a struct.", code="UNSUPPORTED_DATATYPE")
    return schema


class Notation(msgspec.Struct, frozen=True, kw_only=True):
    """How one language writes types: the names of primitives, and a pattern for each type with parts. `field` writes one field of a structure."""

    primitives: Mapping[str, str]
    decimal: str
    array: str
    map: str
    structure: str
    between: str
    field: Callable[[Field], str]


def write(kind: Type, notation: Notation) -> str:
    """A type as a language writes it."""
    match kind:
        case Primitive(name):
            return notation.primitives[name]
        case Decimal(precision, scale):
            return notation.decimal.format(precision, scale)
        case Array(element):
            return notation.array.format(write(element, notation))
        case Map(key, value):
            return notation.map.format(write(key, notation), write(value, notation))
        case Structure(fields):
            return notation.structure.format(notation.between.join(map(notation.field, fields)))


def text(kind: Type) -> str:
    """Unity Catalog's `type_text`: `map<string,struct<a:bigint>>`."""
    return write(kind, _TEXT)


def sql(kind: Type) -> str:
    """As `SHOW CREATE TABLE` writes it: `MAP<STRING, STRUCT<a: BIGINT>>`."""
    return write(kind, SQL)


def type_name(kind: Type) -> str:
    """The short upper-case name that Databricks' result manifests and Unity Catalog's columns carry: `LONG`, `STRUCT`, …"""
    match kind:
        case Primitive(name):
            return {"integer": "INT"}.get(name, name.upper())
        case Decimal():
            return "DECIMAL"
        case Array():
            return "ARRAY"
        case Map():
            return "MAP"
        case Structure():
            return "STRUCT"


def parse_text(value: str) -> Type:
    """The type that a type text means; takes aliases such as `LONG` and `INTEGER`, spaces and any case. Takes time proportional to its length."""
    reader = _Reader(value.strip())
    kind = reader.type(0)
    if not reader.done:
        raise BadRequest(f"{reader.rest!r} is left over after the type in {value[:80]!r}.", code="UNSUPPORTED_DATATYPE")
    return kind


def parse_columns(value: str) -> tuple[Field, ...]:
    """Columns written like a struct's fields: `name: string, attributes: map<string,string>`."""
    kind = parse_text(f"struct<{value}>")
    return kind.fields if isinstance(kind, Structure) else ()


def _field_sql(field: Field) -> str:
    missing = "" if field.nullable else " NOT NULL"
    comment = " COMMENT '" + field.comment.replace("\\", "\\\\").replace("'", "\\'") + "'" if field.comment else ""
    return f"{quote(field.name)}: {sql(field.type)}{missing}{comment}"


_TEXT = Notation(
    primitives=_TEXT_OF | _OF_QUERIES,
    decimal="decimal({},{})",
    array="array<{}>",
    map="map<{},{}>",
    structure="struct<{}>",
    between=",",
    field=lambda field: f"{quote(field.name)}:{text(field.type)}",
)
SQL = Notation(
    primitives={name: written.upper() for name, written in (_TEXT_OF | _OF_QUERIES).items()},
    decimal="DECIMAL({},{})",
    array="ARRAY<{}>",
    map="MAP<{}, {}>",
    structure="STRUCT<{}>",
    between=", ",
    field=_field_sql,
)
"""How a person writes types in SQL."""


def _scalar(word: str) -> Type:
    name = word.strip().lower()
    name = _ALIASES.get(name, name)
    decimal = _DECIMAL.fullmatch(name)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2] or 0)
        if not (1 <= precision <= 38 and 0 <= scale <= precision):
            raise BadRequest(f"decimal({precision},{scale}) is out of range: at most 38 digits.", code="UNSUPPORTED_DATATYPE")
        return Decimal(precision, scale)
    if name not in PRIMITIVES:
        raise BadRequest(
            f"The type {word.strip()!r} is not supported; supported are {', '.join(PRIMITIVES)}, decimal, array, map and struct.",
            code="UNSUPPORTED_DATATYPE",
        )
    return Primitive(PRIMITIVES[name])


_HEAD = re.compile(r"\s*(array|map|struct)\s*<", re.IGNORECASE)
_SCALAR = re.compile(r"\s*([A-Za-z_]+(?:\s*\([0-9,\s]*\))?)")
_FIELD = re.compile(r"\s*(?:`((?:[^`]|``)+)`|([A-Za-z_][A-Za-z0-9_]*))\s*(?::|\s)")
_SPACE = re.compile(r"\s*")


class _Reader:
    """A position in a type text. It is never cut into pieces: a struct of a hundred thousand fields would be copied as often."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def rest(self) -> str:
        """The start of what is not read yet, for an error."""
        return self._text[self._at : self._at + 40].strip()

    @property
    def done(self) -> bool:
        """Whether nothing but spaces is left."""
        return self._past_space() == len(self._text)

    def type(self, depth: int) -> Type:
        """The type at this position."""
        _check_depth(depth, NESTING_MAX)
        head = _HEAD.match(self._text, self._at)
        if head is None:
            scalar = _SCALAR.match(self._text, self._at)
            if scalar is None:
                raise BadRequest(f"A type is expected at {self.rest!r}.", code="UNSUPPORTED_DATATYPE")
            self._at = scalar.end()
            return _scalar(scalar[1].replace(" ", ""))
        self._at = head.end()
        match head[1].lower():
            case "array":
                kind: Type = Array(self.type(depth + 1))
            case "map":
                key = self.type(depth + 1)
                self._expect(",")
                kind = Map(key, self.type(depth + 1))
            case _:
                kind = Structure(self._fields(depth))
        self._expect(">")
        return kind

    def _fields(self, depth: int) -> tuple[Field, ...]:
        fields: list[Field] = []
        while not self._is_next(">"):
            name = _FIELD.match(self._text, self._at)
            if name is None:
                raise BadRequest(f"A field is expected at {self.rest!r}.", code="UNSUPPORTED_DATATYPE")
            self._at = name.end()
            fields.append(Field(name[1].replace("``", "`") if name[1] else name[2], self.type(depth + 1)))
            if self._is_next(","):
                self._expect(",")
            if self.done:
                break
        return tuple(fields)

    def _is_next(self, mark: str) -> bool:
        return self._text.startswith(mark, self._past_space())

    def _expect(self, mark: str) -> None:
        if not self._is_next(mark):
            raise BadRequest(f"{mark!r} is expected in a type at {self.rest!r}.", code="UNSUPPORTED_DATATYPE")
        self._at = self._past_space() + len(mark)

    def _past_space(self) -> int:
        match = _SPACE.match(self._text, self._at)
        return match.end() if match is not None else self._at


def _check_depth(depth: int, depth_max: int) -> None:
    """Refuse a type that is nested absurdly deep."""
    if depth > depth_max:
        raise BadRequest(f"A type is nested deeper than {depth_max} levels.", code="UNSUPPORTED_DATATYPE")


def _shown(value: object) -> str:
    """The start of a value. What is nested is named by its kind alone: its text could be as long as the whole request."""
    return repr(value[:80]) if isinstance(value, str) else f"a {type(value).__name__}" if isinstance(value, (dict, list)) else repr(value)[:80]

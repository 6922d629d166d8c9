"""A small algebra of column types, and its three spellings: Delta's schema JSON, Unity Catalog's type text, and SQL as a person writes it.

Knows nothing of Arrow, DuckDB or sqlglot; each adapter maps from here.
"""

import re
from typing import Any

import msgspec

from headgate.catalog.names import quote
from headgate.core.errors import BadRequest

# Delta's primitive names, by the name that Unity Catalog writes.
PRIMITIVES = {
    "string": "string", "bigint": "long", "int": "integer", "smallint": "short", "tinyint": "byte", "double": "double", "float": "float",
    "boolean": "boolean", "binary": "binary", "date": "date", "timestamp": "timestamp", "timestamp_ntz": "timestamp_ntz", "variant": "variant",
}  # fmt: skip
_TEXT_OF = {delta: text for text, delta in PRIMITIVES.items()}
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


def from_delta(value: object) -> Type:
    """The type that a piece of Delta's schema JSON means; unknown types are refused by name."""
    if isinstance(value, str):
        return _scalar(_TEXT_OF.get(value, value))
    match value:
        case {"type": "array", "elementType": element}:
            return Array(from_delta(element))
        case {"type": "map", "keyType": key, "valueType": item}:
            return Map(from_delta(key), from_delta(item))
        case {"type": "struct", "fields": [*fields]}:
            return Structure(tuple(field_from_delta(field) for field in fields))
        case _:
            raise BadRequest(f"Unknown type {str(value)[:80]!r} in a table's schema.", code="UNSUPPORTED_DATATYPE")


def field_from_delta(value: dict[str, Any]) -> Field:
    """A field out of Delta's schema JSON."""
    comment = (value.get("metadata") or {}).get("comment") or ""
    return Field(value["name"], from_delta(value["type"]), bool(value.get("nullable", True)), str(comment))


def from_delta_json(text: str) -> Structure:
    """A table's schema out of its schema string."""
    schema = from_delta(msgspec.json.decode(text))
    if not isinstance(schema, Structure):
        raise BadRequest("A table's schema is a struct.", code="UNSUPPORTED_DATATYPE")
    return schema


def text(kind: Type) -> str:
    """Unity Catalog's `type_text`: `map<string,struct<a:bigint>>`."""
    match kind:
        case Primitive(name):
            return _TEXT_OF[name]
        case Decimal(precision, scale):
            return f"decimal({precision},{scale})"
        case Array(element):
            return f"array<{text(element)}>"
        case Map(key, value):
            return f"map<{text(key)},{text(value)}>"
        case Structure(fields):
            return "struct<" + ",".join(f"{quote(field.name)}:{text(field.type)}" for field in fields) + ">"


def sql(kind: Type) -> str:
    """As `SHOW CREATE TABLE` writes it: `MAP<STRING, STRUCT<a: BIGINT>>`."""
    match kind:
        case Array(element):
            return f"ARRAY<{sql(element)}>"
        case Map(key, value):
            return f"MAP<{sql(key)}, {sql(value)}>"
        case Structure(fields):
            return "STRUCT<" + ", ".join(_field_sql(field) for field in fields) + ">"
        case _:
            return text(kind).upper()


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
    """The type that a type text means; takes aliases such as `LONG` and `INTEGER`, spaces and any case."""
    kind, rest = _parse(value.strip(), 0)
    if rest.strip():
        raise BadRequest(f"{rest.strip()!r} is left over after the type in {value!r}.", code="UNSUPPORTED_DATATYPE")
    return kind


def parse_columns(value: str) -> tuple[Field, ...]:
    """Columns written like a struct's fields: `name: string, attributes: map<string,string>`."""
    kind = parse_text(f"struct<{value}>")
    return kind.fields if isinstance(kind, Structure) else ()


def _field_sql(field: Field) -> str:
    missing = "" if field.nullable else " NOT NULL"
    comment = " COMMENT '" + field.comment.replace("\\", "\\\\").replace("'", "\\'") + "'" if field.comment else ""
    return f"{quote(field.name)}: {sql(field.type)}{missing}{comment}"


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


def _parse(value: str, depth: int) -> tuple[Type, str]:
    """A type at the start of the text, and the text after it."""
    if depth > NESTING_MAX:
        raise BadRequest(f"A type is nested deeper than {NESTING_MAX} levels.", code="UNSUPPORTED_DATATYPE")
    head = _HEAD.match(value)
    if head is None:
        scalar = _SCALAR.match(value)
        if scalar is None:
            raise BadRequest(f"A type is expected at {value[:40]!r}.", code="UNSUPPORTED_DATATYPE")
        return _scalar(scalar[1].replace(" ", "")), value[scalar.end() :]
    rest = value[head.end() :]
    match head[1].lower():
        case "array":
            element, rest = _parse(rest, depth + 1)
            return Array(element), _expect(rest, ">")
        case "map":
            key, rest = _parse(rest, depth + 1)
            item, rest = _parse(_expect(rest, ","), depth + 1)
            return Map(key, item), _expect(rest, ">")
        case _:
            return _parse_fields(rest, depth)


def _parse_fields(rest: str, depth: int) -> tuple[Type, str]:
    fields: list[Field] = []
    while not rest.lstrip().startswith(">"):
        name = _FIELD.match(rest)
        if name is None:
            raise BadRequest(f"A field is expected at {rest[:40]!r}.", code="UNSUPPORTED_DATATYPE")
        kind, rest = _parse(rest[name.end() :], depth + 1)
        fields.append(Field(name[1].replace("``", "`") if name[1] else name[2], kind))
        rest = rest.lstrip()
        rest = rest.removeprefix(",")
        if not rest:
            break
    return Structure(tuple(fields)), _expect(rest, ">")


def _expect(rest: str, mark: str) -> str:
    rest = rest.lstrip()
    if not rest.startswith(mark):
        raise BadRequest(f"{mark!r} is expected in a type at {rest[:40]!r}.", code="UNSUPPORTED_DATATYPE")
    return rest[len(mark) :]

"""The catalog's types as Arrow types, as delta-rs reads and writes them."""

import pyarrow as pa

from headgate.catalog.types import Array, Decimal, Field, Map, Primitive, Structure, Type

VARIANT = pa.struct([pa.field("metadata", pa.binary(), nullable=False), pa.field("value", pa.binary(), nullable=False)])

_PRIMITIVES = {
    "string": pa.string(), "long": pa.int64(), "integer": pa.int32(), "short": pa.int16(), "byte": pa.int8(), "double": pa.float64(), "float": pa.float32(),
    "boolean": pa.bool_(), "binary": pa.binary(), "date": pa.date32(), "timestamp": pa.timestamp("us", "UTC"), "timestamp_ntz": pa.timestamp("us"), "variant": VARIANT,
}  # fmt: skip


def arrow_type(kind: Type) -> pa.DataType:
    """One type."""
    match kind:
        case Primitive(name):
            return _PRIMITIVES[name]
        case Decimal(precision, scale):
            return pa.decimal128(precision, scale)
        case Array(element):
            return pa.list_(arrow_type(element))
        case Map(key, value):
            return pa.map_(arrow_type(key), arrow_type(value))
        case Structure(fields):
            return pa.struct([pa.field(field.name, arrow_type(field.type), field.nullable) for field in fields])


def arrow_schema(schema: Structure) -> pa.Schema:
    """A table's columns."""
    return pa.schema([pa.field(field.name, arrow_type(field.type), field.nullable) for field in schema.fields])


def columns_of(schema: pa.Schema) -> tuple[Field, ...]:
    """The columns of a result, in the catalog's types."""
    return tuple(Field(field.name, catalog_type(field.type), field.nullable) for field in schema)


def catalog_type(kind: pa.DataType) -> Type:
    """The catalog's type for an Arrow type; what it has no word for is a string."""
    if pa.types.is_decimal(kind):
        return Decimal(kind.precision, kind.scale)
    if pa.types.is_map(kind):
        return Map(catalog_type(kind.key_type), catalog_type(kind.item_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return Array(catalog_type(kind.value_type))
    if pa.types.is_struct(kind):
        return Structure(tuple(Field(kind.field(place).name, catalog_type(kind.field(place).type)) for place in range(kind.num_fields)))
    if pa.types.is_timestamp(kind):
        return Primitive("timestamp" if kind.tz else "timestamp_ntz")
    names = {
        pa.bool_(): "boolean",
        pa.int8(): "byte",
        pa.int16(): "short",
        pa.int32(): "integer",
        pa.int64(): "long",
        pa.float32(): "float",
        pa.float64(): "double",
    }
    return Primitive(names.get(kind) or ("binary" if pa.types.is_binary(kind) else "date" if pa.types.is_date(kind) else "string"))

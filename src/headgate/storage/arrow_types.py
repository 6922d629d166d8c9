"""The catalog's types as Arrow types, as delta-rs reads and writes them."""

import pyarrow as pa

from headgate.catalog.types import Array, Decimal, Map, Primitive, Structure, Type

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

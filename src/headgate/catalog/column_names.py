"""Which names and types a column may have, and which columns a table may be partitioned by. Pure; loads no parser, so that processes without one ask it too."""

import re
from collections.abc import Sequence

from headgate.catalog import types
from headgate.catalog.types import Field
from headgate.core.errors import BadRequest

# Without column mapping Delta refuses these in a column's name; a dot would need quoting in every query.
_UNWRITABLE = re.compile(r"[ ,;{}()\n\t=.`\x00]")


def check_column_name(name: str) -> str:
    """The name, or a refusal of one that Delta does not take for a column."""
    if not name or _UNWRITABLE.search(name):
        raise BadRequest(
            f"[PARSE_SYNTAX_ERROR] The column name {name!r} is not taken: Delta refuses spaces, dots and any of ,;{{}}()= in it.",
            code="PARSE_SYNTAX_ERROR",
        )
    return name


def check_column(field: Field) -> Field:
    """The column of a query as one of a table or view, or a refusal of its name or of a type that no column has."""
    try:
        check_column_name(field.name)
    except BadRequest as error:
        raise BadRequest(f"{error.message} Give it another name with AS.", code=error.code) from error
    try:
        types.from_delta(types.to_delta(field.type))
    except BadRequest as error:
        raise BadRequest(
            f"[UNSUPPORTED_DATATYPE] The column {field.name} has a type that no column of a table or view has. {error.message} Give it another with CAST.",
            code="UNSUPPORTED_DATATYPE",
        ) from error
    return Field(field.name, field.type)


def check_partitions(fields: Sequence[Field], partitions: Sequence[str]) -> None:
    """Refuse to partition by what is no column of the table, or a nested one."""
    known = {field.name: field.type for field in fields}
    for name in partitions:
        kind = known.get(name)
        if kind is None:
            raise BadRequest(f"The column {name} in PARTITIONED BY is not one of the table's columns.", code="COLUMN_NOT_DEFINED_IN_TABLE")
        if not isinstance(kind, (types.Primitive, types.Decimal)):
            raise BadRequest(f"The column {name} cannot be partitioned by: it is nested.", code="DELTA_INVALID_PARTITION_COLUMN_TYPE")

"""The types that casts name."""

import functools

from sqlglot import exp

from headgate.catalog import types
from headgate.catalog.types import Decimal, Type
from headgate.core.errors import BadRequest
from headgate.storage.query.analysis.value import refused


def named(tree: exp.DataType) -> Type:
    """The type that a cast names."""
    plain = isinstance(tree.this, exp.DType) and not any(value for part, value in tree.args.items() if part != "this")
    return _plain(tree.this) if plain else _read(tree.sql("databricks"))


@functools.lru_cache(maxsize=64)  # sqlglot takes longer to write a type than all else that a cast needs
def _plain(kind: exp.DType) -> Type:
    return _read(exp.DataType(this=kind).sql("databricks"))


def _read(written: str) -> Type:
    try:
        kind = types.parse_text(written)
    except BadRequest as error:
        raise refused(f"The type {written[:80]!r} is not taken in a cast.", "UNSUPPORTED_DATATYPE") from error
    return Decimal(10, 0) if written.upper() == "DECIMAL" else kind

"""The types that casts name."""

import pytest
from sqlglot import exp

from headgate.catalog.types import Array, Decimal, Primitive
from headgate.core.errors import BadRequest
from headgate.storage.query.analysis import cast_types


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("STRING", Primitive("string")),
        ("bigint", Primitive("long")),
        ("TIMESTAMP_NTZ", Primitive("timestamp_ntz")),
        ("DECIMAL", Decimal(10, 0)),
        ("DECIMAL(12, 2)", Decimal(12, 2)),
        ("ARRAY<INT>", Array(Primitive("integer"))),
    ],
)
def test_names_of_types(written, kind):
    """Plain ones, those with parameters and those with parts."""
    assert cast_types.named(exp.DataType.build(written, dialect="databricks")) == kind


def test_a_type_that_no_column_has():
    """It is refused by its name."""
    with pytest.raises(BadRequest, match=r"\[UNSUPPORTED_DATATYPE\] The type 'INET'"):
        cast_types.named(exp.DataType(this=exp.DType.INET))

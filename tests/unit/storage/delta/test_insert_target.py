"""Tables as INSERT finds them."""

import pytest
from deltalake import DeltaTable, Schema

from headgate.catalog import types
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest, NotFound
from headgate.storage.delta.insert_target import look

COLUMNS = Structure(types.parse_columns("a: bigint, b: timestamp_ntz, c: variant"))


def test_a_table(tmp_path):
    """Its columns and its id; one whose files are missing is an error."""
    made = DeltaTable.create(str(tmp_path / "t"), Schema.from_json(types.to_delta_json(COLUMNS)), configuration={"delta.appendOnly": "true"})
    target = look(str(tmp_path / "t"), "main.default.t")
    assert (target.schema, target.id) == (COLUMNS, str(made.metadata().id))
    with pytest.raises(NotFound, match=r"The files of main\.default\.t are missing"):
        look(str(tmp_path / "none"), "main.default.t")


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"delta.constraints.positive": "a > 0"}, "CHECK constraints"),
        ({"delta.enableChangeDataFeed": "true"}, "changeDataFeed"),
        ({"delta.columnMapping.mode": "name"}, "columnMapping"),
    ],
)
def test_what_a_writer_must_heed(tmp_path, properties, says):
    """A table of another engine with such a feature is refused by its name."""
    schema = Schema.from_json(types.to_delta_json(Structure(types.parse_columns("a: bigint"))))
    DeltaTable.create(str(tmp_path / "t"), schema, configuration=properties, raise_if_key_not_exists=False)
    with pytest.raises(BadRequest, match=f"main.default.t uses .*{says}"):
        look(str(tmp_path / "t"), "main.default.t")


def test_columns_that_are_computed(tmp_path):
    """Generated columns and defaults are in the metadata of columns."""
    text = types.to_delta_json(Structure(types.parse_columns("a: bigint"))).replace('"metadata":{}', '"metadata":{"delta.generationExpression":"1"}')
    DeltaTable.create(str(tmp_path / "t"), Schema.from_json(text))
    with pytest.raises(BadRequest, match="generated columns"):
        look(str(tmp_path / "t"), "t")

"""Snapshots as exact file lists."""

import os

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Schema, write_deltalake

from headgate.catalog import types
from headgate.core.errors import BadRequest, NotFound
from headgate.storage.query.compiled import AsOf
from headgate.storage.query.table_files import open_table


def _open(path, as_of=AsOf()):
    return open_table(str(path), as_of, "/nowhere")[0]


def test_a_version_is_its_files(tmp_path):
    """Files that a later version removed are in the earlier one, and the other way round."""
    for number in range(3):
        write_deltalake(str(tmp_path), pa.table({"a": [number]}), mode="append")
    DeltaTable(str(tmp_path)).optimize.compact()

    newest, second = _open(tmp_path), _open(tmp_path, AsOf(1))

    assert (newest.version, len(newest.files)) == (3, 1)
    assert (second.version, len(second.files)) == (1, 2)
    assert all(os.path.isfile(file.path) for file in (*newest.files, *second.files))
    assert newest.schema == types.Structure(types.parse_columns("a: bigint"))


def test_a_time_is_a_version(tmp_path):
    """The state as of a time far ahead is the newest."""
    write_deltalake(str(tmp_path), pa.table({"a": [1]}))

    assert _open(tmp_path, AsOf(timestamp="2100-01-01T00:00:00Z")).version == 0


def test_partition_values_are_told_by_the_path(tmp_path):
    """Special characters and nulls included."""
    table = pa.table({"a": [1, 2, 3, 4], "m": ["gpt/5 =%", "x[1]*?", None, "ü"]})
    write_deltalake(str(tmp_path), table, partition_by=["m"])

    opened = _open(tmp_path)

    assert opened.hive
    assert {file.partition for file in opened.files} == {(("m", "gpt/5 =%"),), (("m", "x[1]*?"),), (("m", None),), (("m", "ü"),)}
    assert all(os.path.isfile(file.path) for file in opened.files)


@pytest.mark.parametrize("version", [1, 5])
def test_a_version_that_is_not_there(tmp_path, version):
    """A refusal in words."""
    write_deltalake(str(tmp_path), pa.table({"a": [1]}))
    with pytest.raises(BadRequest, match=r"no such version|cannot be read"):
        _open(tmp_path, AsOf(version))


def test_a_table_that_is_not_there(tmp_path):
    """Its entry in the catalog may outlive its files."""
    with pytest.raises(NotFound):
        _open(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("protocol", "configuration", "feature"),
    [
        (
            {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]},
            {},
            "deletionVectors",
        ),
        (
            {"minReaderVersion": 2, "minWriterVersion": 5},
            {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "1"},
            "columnMapping",
        ),
    ],
)
def test_features_that_would_be_read_wrongly_are_refused_by_name(tmp_path, protocol, configuration, feature):
    """Deletion vectors give wrong counts, column mapping wrong names."""
    import json

    schema = Schema.from_json(
        '{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{"delta.columnMapping.id":1,"delta.columnMapping.physicalName":"c"}}]}'
    )
    log = tmp_path / "_delta_log"
    log.mkdir()
    metadata = {
        "id": "x",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema.to_json(),
        "partitionColumns": [],
        "configuration": configuration,
        "createdTime": 1,
    }
    (log / "00000000000000000000.json").write_text("\n".join(json.dumps(action) for action in ({"protocol": protocol}, {"metaData": metadata})))

    with pytest.raises(BadRequest, match=feature):
        _open(tmp_path)

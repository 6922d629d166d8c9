"""How data files are written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from headgate.catalog import otel_tables, payload_tables
from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import file_layout, table_work
from headgate.storage.delta.arrow_types import arrow_schema

ROWS = pa.table({
    "at": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=7 * place) for place in range(5000)],
    "count": list(range(5000)),
    "money": pa.array([Decimal(place) for place in range(5000)], pa.decimal128(18, 4)),
    "wide": pa.array([Decimal(place) for place in range(5000)], pa.decimal128(38, 4)),
    "name": ["same"] * 5000,
    "inner": [{"count": place} for place in range(5000)],
    "inner.count": [str(place) for place in range(5000)],
})


def encodings(location) -> dict[str, set[str]]:
    """How the columns of a table's files are stored."""
    found: dict[str, set[str]] = {}
    for uri in DeltaTable(location).file_uris():
        group = pq.ParquetFile(uri.removeprefix("file://")).metadata.row_group(0)
        for place in range(group.num_columns):
            found.setdefault(group.column(place).path_in_schema, set()).update(group.column(place).encodings)
    return found


@pytest.mark.parametrize("merged", [False, True])
def test_numbers_that_vary_little_are_stored_as_differences(tmp_path, merged):
    """Times, counts and money are; texts and what lies inside of a column are not; merging files keeps it so, and the rows."""
    location = str(tmp_path / "t")
    for _ in range(2):
        write_deltalake(location, ROWS, mode="append", writer_properties=file_layout.writer_properties(ROWS.schema))
    if merged:
        assert table_work.optimize(location, ())["numFilesAdded"] == 1
    found = encodings(location)

    assert {name for name, kinds in found.items() if "DELTA_BINARY_PACKED" in kinds} == {"at", "count", "money"}
    assert "RLE_DICTIONARY" in found["name"]
    back = pa.concat_tables([pq.read_table(uri.removeprefix("file://")) for uri in DeltaTable(location).file_uris()])
    assert back.sort_by("count")["count"].to_pylist() == sorted([*range(5000), *range(5000)])
    assert back["inner.count"].to_pylist() == [str(value["count"]) for value in back["inner"].to_pylist()]


@pytest.mark.parametrize(
    "schema",
    [
        USAGE.schema,
        payload_tables.SCHEMA,
        *(otel_tables.schema(signal, version) for signal in otel_tables.SIGNALS for version in otel_tables.VERSIONS),
    ],
)
def test_every_table_of_ours_is_written_so(tmp_path, schema):
    """The properties are taken by the writer for every column that we have."""
    columns = arrow_schema(schema)
    rows = pa.Table.from_pylist([{}], schema=pa.schema([field.with_nullable(True) for field in columns]))
    write_deltalake(str(tmp_path / "t"), rows, writer_properties=file_layout.writer_properties(columns))

    assert DeltaTable(str(tmp_path / "t")).count() == 1


def test_a_table_without_such_columns_is_written_by_the_defaults(tmp_path):
    """Nothing is asked for that no column has."""
    rows = pa.table({"name": ["a"]})
    write_deltalake(str(tmp_path / "t"), rows, writer_properties=file_layout.writer_properties(rows.schema))

    assert encodings(tmp_path / "t")["name"] >= {"RLE_DICTIONARY"}


def test_a_file_has_groups_of_few_rows(tmp_path, monkeypatch):
    """A question over a part of a file's time need not read all of it; merging keeps it so."""
    monkeypatch.setattr(file_layout, "_GROUP_ROWS", 3000)
    location = str(tmp_path / "t")
    for _ in range(2):
        write_deltalake(location, ROWS, mode="append", writer_properties=file_layout.writer_properties(ROWS.schema))
    counts = [pq.ParquetFile(uri.removeprefix("file://")).metadata.num_row_groups for uri in DeltaTable(location).file_uris()]
    assert counts == [2, 2]
    table_work.optimize(location, ())
    [merged] = DeltaTable(location).file_uris()
    assert pq.ParquetFile(merged.removeprefix("file://")).metadata.num_row_groups == 4


def test_few_rows_are_compressed_with_snappy_until_they_are_merged(tmp_path):
    """Many rows at once are not, and neither is what becomes of merged files."""

    def compressions() -> list[str]:
        files = [pq.ParquetFile(uri.removeprefix("file://")).metadata for uri in DeltaTable(location).file_uris()]
        return sorted({file.row_group(0).column(place).compression for file in files for place in range(file.num_columns)})

    location, few, many = str(tmp_path / "t"), ROWS.take(pa.array(range(100))), pa.concat_tables([ROWS] * 3).combine_chunks()
    assert few.nbytes < 1 << 20 < many.nbytes
    for _ in range(2):
        write_deltalake(location, few, mode="append", writer_properties=file_layout.appending(few))
    assert compressions() == ["SNAPPY"]
    write_deltalake(location, many, mode="append", writer_properties=file_layout.appending(many))
    assert compressions() == ["SNAPPY", "ZSTD"]
    assert table_work.optimize(location, ())["numFilesAdded"] == 1

    assert compressions() == ["ZSTD"]
    assert DeltaTable(location).count() == 2 * few.num_rows + many.num_rows

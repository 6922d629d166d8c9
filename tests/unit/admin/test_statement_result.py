"""A statement's rows in the shapes of the interface."""

import base64

import msgspec
import pyarrow as pa
import pytest
from databricks.sdk.service.sql import ResultManifest

from headgate.admin import statement_result
from headgate.admin.statement_ports import FileCounts, Rows
from headgate.catalog import types


@pytest.fixture
def result():
    """Some rows more than one chunk holds."""
    fields = types.parse_columns("id: bigint, name: string")
    return statement_result.of_rows(Rows(fields, tuple((number, f"n{number}") for number in range(statement_result.CHUNK_ROWS + 5))))


def test_the_manifest_names_columns_and_chunks(result):
    """Clients read types and offsets from it."""
    manifest = statement_result.manifest(result, "JSON_ARRAY")

    assert manifest["schema"] == {
        "column_count": 2,
        "columns": [
            {"name": "id", "type_text": "BIGINT", "type_name": "LONG", "position": 0},
            {"name": "name", "type_text": "STRING", "type_name": "STRING", "position": 1},
        ],
    }
    assert (manifest["total_row_count"], manifest["total_chunk_count"], manifest["truncated"]) == (20_005, 2, False)
    assert manifest["chunks"] == [{"chunk_index": 0, "row_offset": 0, "row_count": 20_000}, {"chunk_index": 1, "row_offset": 20_000, "row_count": 5}]


def test_the_manifest_says_what_was_read(result):
    """For queries; clients that know of no metrics pass over them."""
    assert "metrics" not in statement_result.manifest(result, "JSON_ARRAY")
    files = FileCounts(files_read=1, files_skipped=364, bytes_read=10, bytes_skipped=3640, rows_read=None)
    manifest = statement_result.manifest(msgspec.structs.replace(result, files=files), "JSON_ARRAY")
    assert manifest["metrics"] == {
        "read_files_count": 1, "pruned_files_count": 364, "read_bytes": 10, "pruned_bytes": 3640, "rows_read_count": None,
    }  # fmt: skip
    assert statement_result.files_of(manifest["metrics"]) == files
    read = ResultManifest.from_dict(manifest)
    assert (read.total_row_count, len(read.chunks)) == (20_005, 2)


def test_chunks_lead_to_the_next_one(result):
    """The last has no next."""
    first = statement_result.rows_chunk(result, 0, "/s/1")
    last = statement_result.rows_chunk(result, 1, "/s/1")

    assert first["data_array"][:2] == [["0", "n0"], ["1", "n1"]]
    assert first["next_chunk_internal_link"] == "/s/1/result/chunks/1?row_offset=20000"
    assert (len(last["data_array"]), "next_chunk_index" in last) == (5, False)


def test_arrow_streams_inside_the_answer_and_behind_a_link(result):
    """The same rows either way."""
    inside = statement_result.arrow_chunk(result, 1, "/s/1")
    behind = statement_result.linked_chunk(result, 1, "/s/1", "2026-01-01T00:00:00.000Z")["external_links"][0]

    assert pa.ipc.open_stream(base64.b64decode(inside["attachment"])).read_all().num_rows == 5
    assert pa.ipc.open_stream(statement_result.arrow_bytes(result, 1)).read_all().num_rows == 5
    assert (behind["external_link"], behind["row_count"]) == ("/s/1/result/arrow/1", 5)


def test_a_command_without_rows_has_no_chunks():
    """`CREATE TABLE` answers an empty result."""
    result = statement_result.of_rows(Rows())

    assert (result.chunk_count, statement_result.manifest(result, "JSON_ARRAY")["schema"]) == (0, {"column_count": 0, "columns": []})


def test_columns_of_one_name_and_of_nothing_but_nulls():
    """Both occur in listings."""
    fields = types.parse_columns("a: string, a: string")

    assert statement_result.rows_chunk(statement_result.of_rows(Rows(fields, ((None, "x"),))), 0, "")["data_array"] == [[None, "x"]]

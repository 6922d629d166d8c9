"""What is counted of files."""

import pyarrow as pa

from headgate.admin.statement_ports import FileCounts, TableSource
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.storage.query import file_counts
from headgate.storage.query.compiled import AsOf, TableRead
from headgate.storage.query.file_counts import FilesRead
from headgate.storage.query.file_facts import DataFileFacts
from headgate.storage.query.table_files import DataFile, TableVersion
from tests.fakes.relations import FakeRelations


def _read(leaf, *paths, rows=(5, 6, 7)):
    """A table of three files, of which some are read."""
    facts = DataFileFacts(pa.table({"size_bytes": [10, 20, 40], "num_records": pa.array(rows, pa.int64())}), ["/a", "/b", "/c"])
    source = TableSource(Name(("main", "default", leaf)), f"/{leaf}", Structure(()))
    files = tuple(DataFile(path) for path in ("/a", "/b", "/c"))
    return FilesRead((TableRead("v", source, AsOf()),), TableVersion(1, Structure(()), files, facts=facts), tuple(map(DataFile, paths)))


def test_counts():
    """A file that is read twice counts once, and sums are no files of the table."""
    read = [_read("t", "/a", "/a", "/sums"), _read("u", "/b", "/c")]
    assert file_counts.counted(read, FakeRelations()) == FileCounts(files_read=3, files_skipped=3, bytes_read=70, bytes_skipped=70, rows_read=18)
    assert file_counts.counted([], FakeRelations()) == FileCounts()


def test_rows_that_were_not_counted():
    """Make the number of rows unknown, if their file is read."""
    assert file_counts.counted([_read("t", "/a", rows=(5, None, 7))], FakeRelations()).rows_read == 5
    assert file_counts.counted([_read("t", "/b", rows=(5, None, 7)), _read("u", "/a")], FakeRelations()).rows_read is None


def test_tables_that_may_not_be_read():
    """Are not counted: a view of ours reads them for others, and their files would tell of rows that it leaves out."""
    assert file_counts.counted([_read("secret", "/a")], FakeRelations()) == FileCounts()

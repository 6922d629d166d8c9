"""Names, texts and types in DuckDB's words."""

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog import types
from headgate.storage.query import duckdb_text


@given(st.text(min_size=1, max_size=20).filter(lambda text: "\x00" not in text and text.isprintable()))
def test_any_text_comes_out_as_it_went_in(text):
    """As a value and as a name."""
    found = duckdb.connect().execute(f"SELECT {duckdb_text.literal(text)} AS {duckdb_text.quoted(text)}")

    assert (found.fetchall(), found.description[0][0]) == ([(text,)], text) if found.description else True


def test_types():
    """Every type of the catalog is one of DuckDB's."""
    kind = types.parse_text('struct<a:bigint,`b "c`:map<string,array<decimal(10,2)>>,d:timestamp,e:timestamp_ntz,f:variant,g:binary,h:date>')

    duckdb.connect().execute(f"SELECT CAST(NULL AS {duckdb_text.duckdb_type(kind)})")
    assert duckdb_text.duckdb_type(kind).startswith('STRUCT("a" BIGINT, "b ""c" MAP(VARCHAR, DECIMAL(10,2)[])')

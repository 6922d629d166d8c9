"""The queries of what sessions did with caches."""

from headgate.storage.query import query_text
from headgate.web.ui.cache_relations import CacheRows, broken_prefixes, cache_writes

ROWS = CacheRows(place="system.ai_gateway.my_", rows="event_time >= :range_from")
RUNS = CacheRows(place="system.ai_gateway.my_", rows="event_time >= :range_from", runs="last_time >= :range_from")


def test_both_ways_have_the_same_columns():
    """Over rows alone, and over runs and the rows of the other sessions."""
    for query in (broken_prefixes, cache_writes):
        trees = [query_text.read(query(read)) for read in (ROWS, RUNS)]
        assert trees[0].named_selects == trees[1].named_selects


def test_runs_are_read_beside_the_rows_of_parted_sessions():
    """A session with several runs for a model, or one that the range cuts, is read from the rows."""
    for query in (broken_prefixes, cache_writes):
        assert "cache_runs" not in query(ROWS)
        text = query(RUNS)
        assert "FROM system.ai_gateway.my_cache_runs\n    WHERE last_time >= :range_from\n" in text
        assert text.count("session_id IN (SELECT session_id FROM parted)") == 1
        assert text.count("session_id NOT IN (SELECT session_id FROM parted)") == 1

"""What a tile's SQL reads: relations in front of it, with filters as parameters. Every one is compiled as a query."""

import datetime as dt

import pytest

from headgate.storage.query import query_text
from headgate.web.ui.filters import read_filters
from headgate.web.ui.relation_columns import RELATIONS
from headgate.web.ui.relations import RowScope, compose, readable, unknown_parameters
from headgate.web.ui.sql_words import read_words
from tests.fakes.principals import user
from tests.fakes.relations import compile_text
from tests.fakes.system_relations import SystemRelations

NOW = dt.datetime(2026, 11, 30, 14, 20, tzinfo=dt.UTC)
ALL = "user=a&user=b&group=g&agent=codex&model=m&provider=p&endpoint=e&tag=team:x&tag=team:y&tag=env:z&status=429&status=4xx&status=failed"


def scope(query: str = "", *, everyone: bool = True, members: tuple[str, ...] = ()) -> RowScope:
    return RowScope(filters=read_filters(query, NOW), everyone=everyone, members=members)


def test_only_what_is_named():
    """A relation and a column that the tile does not name are not there; what it names has its short name."""
    composed = compose("SELECT model, sum(spend) AS s FROM usage GROUP BY model", scope())
    assert composed.text == (
        "WITH usage AS (\n  SELECT coalesce(model_served, model_sent, model_asked) AS model, charge AS spend\n"
        "  FROM system.ai_gateway.usage\n  WHERE event_time >= :range_from\n    AND event_time < :range_to\n)\n"
        "SELECT model, sum(spend) AS s FROM usage GROUP BY model"
    )
    assert {each.name: each.value for each in composed.parameters} == {"range_from": "2026-11-01T00:00:00Z", "range_to": "2026-11-30T14:21:00Z"}


def test_a_new_name_is_no_relation():
    """A column that is called as a relation is does not put that relation in front."""
    text = compose("SELECT count(DISTINCT session_id) AS sessions, count(*) AS `tools` FROM usage", scope()).text
    assert "system.ai_gateway.usage" in text
    assert "system.ai_gateway.sessions" not in text
    assert "system.ai_gateway.client_tools" not in text


def test_a_view_is_read_once_for_both_periods():
    """Sessions take long to compute: the view is there once, and each period is a part of it. Without a comparison the other one is empty."""
    sql = "SELECT (SELECT sum(commits) FROM sessions) AS now, (SELECT sum(commits) FROM sessions_before) AS earlier"
    text = compose(sql, scope("agent=codex")).text
    assert text.count("system.ai_gateway.sessions") == 1
    assert text.count("FROM sessions_of_both\n  WHERE started_at >= ") == 2
    alone = compose(sql, scope("compare=none")).text
    assert "of_both" not in alone
    assert "WHERE false" in alone
    assert "of_both" not in compose("SELECT sum(commits) AS c FROM sessions_before", scope()).text


def test_definitions_of_the_tile_follow_ours():
    """A tile may have its own WITH, and a recursive one."""
    assert compose("WITH a AS (SELECT 1 FROM usage) SELECT * FROM a", scope()).text.count("WITH") == 1
    assert compose("WITH RECURSIVE a AS (SELECT user FROM usage) SELECT * FROM a", scope()).text.startswith("WITH RECURSIVE usage AS (")
    assert compose("SELECT 1 AS one", scope()).text == "SELECT 1 AS one"


@pytest.mark.parametrize("relation", [relation.name for relation in RELATIONS])
@pytest.mark.parametrize("everyone", [True, False])
def test_every_relation_with_every_filter_is_a_query(relation, everyone):
    """Each is compiled, its names are unique, and every parameter has a value."""
    composed = compose(f"SELECT * FROM {relation}", scope(ALL, everyone=everyone, members=("a", "c")))
    compile_text(composed.text, user("ana"), SystemRelations(), composed.parameters)
    plain = relation.removesuffix("_before")
    table = {
        "before": "usage",
        "lines": "usage",
        "tools": "client_tools",
        "before_hours": "usage_hours",
        "broken_prefixes": "usage",
        "cache_writes": "usage",
    }.get(plain, plain)
    assert f"system.ai_gateway.{'' if everyone else 'my_'}{table}" in composed.text
    assert ("system.ai_gateway.my_" in composed.text) is not everyone


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("range=7d", [("usage_hours", "hour", "2026-11-24T00", "2026-11-30T15")]),
        ("from=2026-11-01T10:00&to=2026-11-01T12:00", [("usage_hours", "hour", "2026-11-01T10:00", "2026-11-01T12:00")]),
        (
            "from=2026-11-01T10:20&to=2026-11-01T13:40",
            [
                ("usage_hours", "hour", "2026-11-01T11:00", "2026-11-01T13:00"),
                ("usage", "event_time", "2026-11-01T10:20", "2026-11-01T11:00"),
                ("usage", "event_time", "2026-11-01T13:00", "2026-11-01T13:40"),
            ],
        ),
        ("from=2026-11-01T10:20&to=2026-11-01T10:40", [("usage", "event_time", "2026-11-01T10:20", "2026-11-01T10:40")]),
    ],
)
def test_whole_hours_come_from_sums(query, parts):
    """What a range has of an hour comes from the rows; a named range ends in the hour that runs, which has nothing later."""
    composed = compose("SELECT sum(requests) AS n FROM usage_hours", scope(query))
    values = {each.name: each.value for each in composed.parameters}
    selects = composed.text.partition("\n)")[0].split("UNION ALL")
    assert len(selects) == len(parts)
    for text, (table, time, first, last) in zip(selects, parts, strict=True):
        assert f"FROM system.ai_gateway.{table}\n" in text
        bounds = [values[name.rstrip(",)")] for name in text.replace(":", " ").split() if name.startswith("range_")]
        assert [bound.startswith(moment) for bound, moment in zip(bounds, (first, last), strict=True)] == [True, True]
        assert f"{time} >= " in text


@pytest.mark.parametrize("relation", ["broken_prefixes", "cache_writes"])
def test_runs_are_read_where_they_know_the_filter(relation):
    """A run has user, agent, model, endpoint and tags; where anything else is compared, all rows are read."""
    known = compose(f"SELECT model FROM {relation}", scope("user=a&group=g&agent=codex&model=m&endpoint=e&tag=team:x", members=("a",))).text
    assert "FROM system.ai_gateway.cache_runs\n" in known
    assert "AND session_id IN (SELECT session_id FROM parted)" in known
    for query in ("provider=p", "status=429"):
        text = compose(f"SELECT model FROM {relation}", scope(query)).text
        assert "cache_runs" not in text
        assert "parted" not in text


def test_text_of_the_query_enters_as_parameters_alone():
    """Whatever the value."""
    evil = "x') OR 1=1 -- \\"
    composed = compose("SELECT count(*) AS n FROM usage", scope(f"user={evil}&tag={evil}:{evil}&model={evil}"))
    assert "1=1" not in composed.text
    assert sum(each.value == evil for each in composed.parameters) == 4
    tree = query_text.read(readable(composed))
    assert sorted({each.this for each in tree.find_all(query_text.exp.Literal) if "1=1" in each.this}) == [evil]


def test_groups():
    """Their members are parameters, one by one or joined; a group without members has no rows."""
    few = compose("SELECT user FROM usage", scope("group=g", members=("a", "b")))
    assert "requester IN (:member_1, :member_2)" in few.text
    many = compose("SELECT user FROM usage", scope("group=g", members=tuple(f"u{number}" for number in range(500))))
    assert "requester IN (SELECT explode(split(:members, '\\n')))" in many.text
    compile_text(many.text, user("ana"), SystemRelations(), many.parameters)
    assert "AND false" in compose("SELECT user FROM usage", scope("group=g")).text


def test_tags_and_statuses():
    """Values of one tag are alternatives, several tags must all be there; a status is an ending, a code or a class."""
    text = compose("SELECT user FROM usage", scope(ALL, members=("a",))).text
    assert "request_tags[:tag_key_1] IN (:tag_1, :tag_2)" in text
    assert "request_tags[:tag_key_3] IN (:tag_3)" in text
    assert "(ended IN (:status_3) OR status_code IN (CAST(:status_1 AS INT)) OR CAST(status_code AS STRING) LIKE :status_2)" in text


def test_a_filter_that_a_relation_lacks_looks_at_the_exchanges():
    """Of the same agent session; a relation without sessions does not know it."""
    assert (
        "session_id IN (SELECT session_id FROM system.ai_gateway.usage WHERE requester IN (:user_1))"
        in compose("SELECT tool FROM tools", scope("user=a")).text
    )
    assert "destination_name" not in compose("SELECT day FROM coverage", scope("provider=p")).text


def test_nothing_to_compare_with():
    """The compared relation is there and empty."""
    assert "WHERE false" in compose("SELECT spend FROM before", scope("compare=none")).text


def test_buckets():
    """By the length of the range."""
    assert "date_trunc('HOUR', event_time) AS bucket" in compose("SELECT bucket FROM usage", scope("range=24h")).text
    assert "date_trunc('WEEK', started_at) AS bucket" in compose("SELECT bucket FROM sessions", scope("from=2026-01-01&to=2026-11-01")).text


def test_parameters_that_no_page_gives():
    """They are named, so that a file's reader can say so."""
    assert unknown_parameters(read_words("SELECT :range_from, :other, ':text'")) == ["other"]

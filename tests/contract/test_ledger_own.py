"""What a user reads of the ledger: their own rows, and nothing of a session that another user took part in. The one who asks here is ana."""

import datetime as dt

from headgate.web.ui.filters import read_filters
from headgate.web.ui.relation_columns import RELATIONS
from headgate.web.ui.relations import RowScope, compose, readable
from tests.fakes.agent_telemetry import Telemetry, ns
from tests.fakes.ledger_views import Ledger, exchange

ALL = "user=ana&agent=claude-code&model=claude-opus-4-6&provider=lab&endpoint=e&tag=team:x&status=completed&group=g"


def ledger():
    """A session of ana's, one of ben's, and one that both used; each reported a request and a tool call."""
    said = Telemetry()
    exchanges = []
    for number, (session, requester) in enumerate([("mine", "ana"), ("theirs", "ben"), ("both", "ana"), ("both", "ben")]):
        exchanges.append(exchange(f"r-{number}", number, session_id=session, requester=requester))
        said.claude_request(number, session=session, request_id=f"r-{number}")
        said.claude("tool_result", number, session=session, success="true", tool_name="Edit", tool_use_id=f"t-{number}")
    return Ledger(exchanges, said)


def test_own_rows():
    """Of each view. An exchange is its requester's; a session that somebody else used, and its tool calls, are nobody's own."""
    asked = ledger()
    assert sorted(row["request_id"] for row in asked.rows("my_exchanges")) == ["r-0", "r-2"]
    for view in ("my_sessions", "my_client_tools", "my_client_requests"):
        assert [row["session_id"] for row in asked.rows(view)] == ["mine"], view
    assert {row["requester"] for row in asked.rows("my_coverage")} == {"ana"}


def test_the_relations_of_a_dashboard():
    """Each is asked with every filter, and of ana's own rows without one, and is answered."""
    moment = dt.datetime.fromtimestamp(ns(60) / 1e9, dt.UTC)
    asked = ledger()
    for everyone, query in ((True, f"range=7d&{ALL}"), (False, "range=7d")):
        scope = RowScope(filters=read_filters(query, moment), everyone=everyone, members=("ana",))
        for name in (relation.name for relation in RELATIONS if not relation.before):
            asked.ask(readable(compose(f"SELECT * FROM {name}", scope)))


def test_numbers_of_the_relations():
    """Rows of the range alone; everyone's or one's own; by the filters."""
    moment = dt.datetime.fromtimestamp(ns(60) / 1e9, dt.UTC)
    asked = ledger()

    def count(relation, query="", *, everyone=True):
        composed = compose(f"SELECT count(*) AS n FROM {relation}", RowScope(filters=read_filters(query, moment), everyone=everyone))
        return asked.ask(readable(composed)).to_pylist()[0]["n"]

    assert [count(relation) for relation in ("usage", "lines", "sessions", "tools", "exchanges")] == [4, 4, 3, 4, 4]
    assert [count(relation, everyone=False) for relation in ("usage", "lines", "sessions", "tools", "exchanges")] == [2, 2, 1, 1, 2]
    assert [count(relation) for relation in ("before", "lines_before", "sessions_before", "tools_before")] == [0, 0, 0, 0]
    assert [count("usage", query) for query in ("user=ben", "user=ben&user=ana", "user=x", "status=2xx", "status=failed")] == [2, 4, 0, 4, 0]
    assert [count("tools", query) for query in ("user=ben", "status=completed", "status=failed")] == [3, 4, 0]

"""Statements from start to end."""

import asyncio

import pyarrow as pa
import pytest

from headgate.admin import statements as statements_module
from headgate.admin.statement_ports import Parameter, QueryResult, Rows
from headgate.admin.statements import StatementLimits, StatementParameter, StatementRequest, Statements
from headgate.catalog import statements as values
from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.core.errors import BadRequest, Forbidden, NotFound, Unavailable
from tests.fakes.parsers import HereParsers
from tests.fakes.principals import user

ANA, BOB = user("ana"), user("bob")


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now_s = 1000.0

    def wall_ns(self):
        """Wall time."""
        return int(1_763_980_000e9 + self.now_s * 1e9)

    def monotonic_s(self):
        """Monotonic time."""
        return self.now_s


class FakeQueries:
    """Answers one row; waits while it is told to."""

    def __init__(self):
        self.asked = []
        self.error = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, query, relations):
        """One row of one number."""
        self.asked.append((query, relations))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        table = pa.table({"n": pa.array([7], pa.int64())})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return QueryResult(types.parse_columns("n: bigint"), sink.getvalue().to_pybytes(), 1)


class EndlessReading:
    """Parses for ever, and remembers that it was ended."""

    def __init__(self):
        self.begun = asyncio.Event()
        self.ended = False

    async def read(self, text, principal, defaults, timeout_s):
        """No answer."""
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


class FakeCommands:
    """Remembers commands."""

    def __init__(self):
        self.ran = []

    async def run(self, statement, query):
        """A listing for SHOW, nothing else."""
        self.ran.append((statement, query.principal))
        return Rows(types.parse_columns("name: string"), (("main",),)) if isinstance(statement, values.Show) else Rows()


async def relations_of(principal):
    """The catalog as somebody sees it."""
    return "relations of", principal.name


@pytest.fixture
async def made():
    """The use-cases with their fakes."""
    queries, commands, clock = FakeQueries(), FakeCommands(), FakeClock()
    service = Statements(HereParsers(), queries, commands.run, relations_of, clock, StatementLimits(row_limit=100))
    service.fakes = (queries, commands, clock)
    yield service
    await service.close()


async def test_a_query_succeeds_within_the_wait(made):
    """State, manifest and rows in one answer; parameters, names and limits are handed on."""
    request = StatementRequest(
        statement="SELECT :d", parameters=(StatementParameter("d", "2026-01-31", "DATE"),), catalog="Other", schema="s", row_limit=5
    )
    answer = await made.execute(request, ANA)

    assert answer["status"] == {"state": "SUCCEEDED"}
    assert answer["result"]["data_array"] == [["7"]]
    assert answer["manifest"]["schema"]["columns"][0]["type_name"] == "LONG"
    query, relations = made.fakes[0].asked[0]
    assert (query.parameters, query.row_limit, query.defaults) == ((Parameter("d", "2026-01-31", "DATE"),), 5, ("other", "s"))
    assert relations == ("relations of", "ana")
    assert made.get(answer["statement_id"], ANA) == answer
    assert made.chunk(answer["statement_id"], 0, ANA)["data_array"] == [["7"]]


async def test_commands_go_another_way(made):
    """What is not a query is carried out, and its rows have the same shape."""
    listed = await made.execute(StatementRequest(statement="SHOW CATALOGS"), ANA)
    dropped = await made.execute(StatementRequest(statement="DROP TABLE t"), ANA)
    used = await made.execute(StatementRequest(statement="USE CATALOG main"), ANA)

    assert listed["result"]["data_array"] == [["main"]]
    assert (dropped["status"]["state"], dropped["result"], used["status"]["state"]) == ("SUCCEEDED", {}, "SUCCEEDED")
    assert made.fakes[1].ran[1][0] == values.Drop(Name(("main", "default", "t")))


@pytest.mark.parametrize(
    ("error", "code", "state"),
    [
        (BadRequest("no such type", code="BAD_REQUEST"), "BAD_REQUEST", None),
        (BadRequest("no column", code="UNRESOLVED_COLUMN"), "BAD_REQUEST", "42703"),
        (Forbidden("no SELECT", code="INSUFFICIENT_PERMISSIONS"), "BAD_REQUEST", "42501"),
        (NotFound("no table", code="TABLE_OR_VIEW_NOT_FOUND"), "BAD_REQUEST", "42P01"),
        (BadRequest("too long", code="QUERY_TIMEOUT"), "DEADLINE_EXCEEDED", None),
        (Unavailable("busy"), "TEMPORARILY_UNAVAILABLE", None),
    ],
)
async def test_a_failure_is_an_answer(made, error, code, state):
    """With the error's words, a code and the SQL state."""
    made.fakes[0].error = error

    status = (await made.execute(StatementRequest(statement="SELECT 1"), ANA))["status"]

    assert status["state"] == "FAILED"
    assert status["error"] == {"error_code": code, "message": error.message}
    assert status.get("sql_state") == state


async def test_a_statement_that_cannot_be_read_fails_too(made):
    """Its text is part of the answer."""
    status = (await made.execute(StatementRequest(statement="EXPLAIN SELECT 1"), ANA))["status"]

    assert (status["state"], status["sql_state"]) == ("FAILED", "42601")


async def test_a_bug_is_logged_and_kept_opaque(made, caplog):
    """The client learns that it was us."""
    made.fakes[0].error = KeyError("secret detail")

    status = (await made.execute(StatementRequest(statement="SELECT 1"), ANA))["status"]

    assert status["error"]["error_code"] == "INTERNAL_ERROR"
    assert "secret detail" not in status["error"]["message"]
    assert "secret detail" in caplog.text


async def test_not_waiting_polling_and_cancelling(made):
    """With no wait the answer comes at once; a cancelled statement stays cancelled."""
    made.fakes[0].gate.clear()
    first = await made.execute(StatementRequest(statement="SELECT 1", wait_timeout="0s"), ANA)
    second = await made.execute(StatementRequest(statement="SELECT 2", wait_timeout="0s"), ANA)
    assert first["status"]["state"] == made.get(first["statement_id"], ANA)["status"]["state"] == "RUNNING"
    with pytest.raises(BadRequest, match="is RUNNING"):
        made.chunk(first["statement_id"], 0, ANA)

    await made.cancel(first["statement_id"], ANA)
    made.fakes[0].gate.set()
    await asyncio.wait({made._kept[second["statement_id"]].task})

    assert made.get(first["statement_id"], ANA)["status"]["state"] == "CANCELED"
    assert made.get(second["statement_id"], ANA)["status"]["state"] == "SUCCEEDED"
    await made.cancel(second["statement_id"], ANA)
    assert made.get(second["statement_id"], ANA)["status"]["state"] == "SUCCEEDED"


async def test_the_time_limit_counts_from_the_start():
    """A statement that is parsed, or waits, for longer than the limit fails in words, and its work is ended."""
    reading = EndlessReading()
    service = Statements(reading, FakeQueries(), FakeCommands(), relations_of, FakeClock(), StatementLimits(timeout_s=0.01))

    status = (await service.execute(StatementRequest(statement="SELECT 1"), ANA))["status"]

    assert status["state"] == "FAILED"
    assert status["error"]["error_code"] == "DEADLINE_EXCEEDED"
    assert "had not ended after 0.01 s" in status["error"]["message"]
    assert reading.ended


async def test_a_query_that_does_not_end_is_stopped_at_the_limit():
    """The limit is one for parsing and running."""
    queries = FakeQueries()
    queries.gate.clear()
    service = Statements(HereParsers(), queries, FakeCommands(), relations_of, FakeClock(), StatementLimits(timeout_s=0.01))

    assert (await service.execute(StatementRequest(statement="SELECT 1"), ANA))["status"]["error"]["error_code"] == "DEADLINE_EXCEEDED"


async def test_a_cancel_ends_the_parsing():
    """Not only the statement's state changes."""
    reading = EndlessReading()
    service = Statements(reading, FakeQueries(), FakeCommands(), relations_of, FakeClock(), StatementLimits())
    answer = await service.execute(StatementRequest(statement="SELECT 1", wait_timeout="0s"), ANA)
    await reading.begun.wait()

    await service.cancel(answer["statement_id"], ANA)

    assert reading.ended
    assert service.get(answer["statement_id"], ANA)["status"]["state"] == "CANCELED"


async def test_a_statement_belongs_to_whoever_ran_it(made):
    """Nobody else learns even that it exists."""
    answer = await made.execute(StatementRequest(statement="SELECT 1"), ANA)

    for ask in (
        made.get,
        lambda statement_id, asker: made.chunk(statement_id, 0, asker),
        lambda statement_id, asker: made.arrow(statement_id, 0, asker),
    ):
        with pytest.raises(NotFound):
            ask(answer["statement_id"], BOB)
    with pytest.raises(NotFound):
        await made.cancel(answer["statement_id"], BOB)


async def test_results_are_let_go_after_a_while(made):
    """An hour after the end, or when too many are kept."""
    answer = await made.execute(StatementRequest(statement="SELECT 1"), ANA)
    made.fakes[2].now_s += 3601
    with pytest.raises(NotFound):
        made.get(answer["statement_id"], ANA)

    ids = [(await made.execute(StatementRequest(statement="USE main.x"), ANA))["statement_id"] for _ in range(202)]
    with pytest.raises(NotFound):
        made.get(ids[0], ANA)
    assert made.get(ids[-1], ANA)["status"]["state"] == "SUCCEEDED"


async def test_arrow_by_link_and_inside(made):
    """An Arrow stream is fetched from a link of ours that ends when the result is let go."""
    linked = await made.execute(StatementRequest(statement="SELECT 1", disposition="EXTERNAL_LINKS", format="ARROW_STREAM"), ANA)
    inside = await made.execute(StatementRequest(statement="SELECT 1", format="ARROW_STREAM"), ANA)

    link = linked["result"]["external_links"][0]
    assert link["external_link"] == f"/api/2.0/sql/statements/{linked['statement_id']}/result/arrow/0"
    assert link["expiration"].endswith("Z")
    assert pa.ipc.open_stream(made.arrow(linked["statement_id"], 0, ANA)).read_all().to_pylist() == [{"n": 7}]
    assert "attachment" in inside["result"]


@pytest.mark.parametrize(
    "options",
    [
        {"wait_timeout": "3s"},
        {"wait_timeout": "51s"},
        {"wait_timeout": "x"},
        {"on_wait_timeout": "PANIC"},
        {"disposition": "MAIL"},
        {"format": "CSV"},
        {"disposition": "EXTERNAL_LINKS"},
        {"row_limit": 0},
        {"catalog": "a b"},
    ],
)
async def test_requests_that_make_no_sense(made, options):
    """These are errors of the request, not of the statement."""
    with pytest.raises(BadRequest):
        await made.execute(StatementRequest(statement="SELECT 1", **options), ANA)


async def test_the_number_that_runs_is_bounded(made):
    """Past it a statement is refused with a time to try again; for each principal first, so that others still find room."""
    made.fakes[0].gate.clear()
    request = StatementRequest(statement="SELECT 1", wait_timeout="0s")
    for _ in range(20):
        first = await made.execute(request, ANA)
    with pytest.raises(Unavailable, match="20 statements of yours are running or waiting") as refused:
        await made.execute(request, ANA)
    assert refused.value.retry_after_s

    for number in range(180):
        await made.execute(request, user(f"user {number // 20}"))
    with pytest.raises(Unavailable, match="200 statements are running"):
        await made.execute(request, BOB)

    await made.cancel(first["statement_id"], ANA)
    assert (await made.execute(request, ANA))["status"]["state"] == "RUNNING"


async def test_nobody_pushes_out_the_results_of_another(made):
    """Past the bound of results one loses one's own, the oldest first."""
    request = StatementRequest(statement="USE main.x")
    bobs = [(await made.execute(request, BOB))["statement_id"] for _ in range(3)]
    anas = [(await made.execute(request, ANA))["statement_id"] for _ in range(205)]

    assert [made.get(statement_id, BOB)["status"]["state"] for statement_id in bobs] == ["SUCCEEDED"] * 3
    with pytest.raises(NotFound):
        made.get(anas[0], ANA)
    assert made.get(anas[-1], ANA)["status"]["state"] == "SUCCEEDED"


async def test_large_results_push_out_those_of_whom_they_are(made, monkeypatch):
    """By bytes it is the one with the most bytes, however few results that are; a statement without a result frees nothing and stays."""
    monkeypatch.setattr(statements_module, "_KEPT_BYTES_MAX", 40)
    small, large, none = StatementRequest(statement="SELECT 1"), StatementRequest(statement="SELECT 2"), StatementRequest(statement="USE main.x")
    bobs = [(await made.execute(small, BOB))["statement_id"] for _ in range(2)]
    anas = [(await made.execute(one, ANA))["statement_id"] for one in (none, large, large, large, large)]

    assert all(made.get(statement_id, BOB)["status"]["state"] == "SUCCEEDED" for statement_id in bobs)
    assert [_is_kept(made, statement_id, ANA) for statement_id in anas] == [True, False, True, True, True]


def _is_kept(made, statement_id, asker):
    try:
        made.get(statement_id, asker)
    except NotFound:
        return False
    return True


async def test_for_ourselves_rows_come_as_they_are_and_failures_are_raised(made):
    """The command line and the pages need no states."""
    assert (await made.result(StatementRequest(statement="SELECT 1"), ANA)).table.to_pylist() == [{"n": 7}]
    made.fakes[0].error = BadRequest("no")
    with pytest.raises(BadRequest):
        await made.result(StatementRequest(statement="SELECT 1"), ANA)

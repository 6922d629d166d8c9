"""The processes that parse: what they answer, and that they can be ended."""

import asyncio
import signal

import pytest

from headgate.admin.statement_ports import Parameter, Query
from headgate.catalog.names import DEFAULTS
from headgate.catalog.statements import CreateTable, Show
from headgate.core.errors import BadRequest, Forbidden, Unavailable
from headgate.storage.query import finishing
from headgate.storage.query import piped_process as child_module
from headgate.storage.query.compile import compile_query
from headgate.storage.query.parser_pool import ParserPool
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations

ANA = user("ana")
# As many characters as a statement may have, which the parser works on for longer than any of these tests waits.
LONG = "SELECT " + "+".join(["1"] * 130_000)
# A few hundred characters that sqlglot's own parser would work on for hours: its work doubles with each level.
HOURS_OF_DDL = "CREATE TABLE t (a INT) TBLPROPERTIES ('x' = " + "struct(" * 40 + "1" + ")" * 40 + ")"


@pytest.fixture
async def parsers():
    """ParserPool that give up soon."""
    made = ParserPool(parse_s_max=0.2)
    yield made
    await made.close()


def _query(text, **more):
    return Query(text=text, principal=ANA, **more)


async def _child(parsers):
    """The process that takes the next statement."""
    await parsers.read("SELECT 1", ANA, DEFAULTS, 60)
    return parsers._idle[-1]._process


async def test_they_answer_what_the_compiler_answers():
    """Statements as values; queries with their names looked up here, also inside of views; refusals as they are."""
    parsers = ParserPool()
    relations = FakeRelations(views={"v": "SELECT a FROM main.default.secret WHERE b = current_user()"})

    assert isinstance(await parsers.read("SHOW TABLES", ANA, DEFAULTS, 60), Show)
    made = await parsers.read("CREATE TABLE t (a ARRAY<STRUCT<b: DECIMAL(10, 2)>>)", ANA, DEFAULTS, 60)
    assert isinstance(made, CreateTable)
    query = _query("SELECT * FROM v JOIN t VERSION AS OF 3 ON v.a = t.a WHERE t.c = :c", parameters=(Parameter("c", "x"),))
    compiled = await parsers.compile(query, relations)
    here = compile_query(query, relations)
    assert [(read.source, read.as_of) for read in compiled.reads] == [(read.source, read.as_of) for read in here.reads]
    assert len(compiled.sql) == len(here.sql)
    with pytest.raises(Forbidden, match="no SELECT on main"):
        await parsers.compile(_query("SELECT * FROM secret"), relations)
    with pytest.raises(BadRequest, match="PARSE_SYNTAX_ERROR"):
        await parsers.read("EXPLAIN SELECT 1", ANA, DEFAULTS, 60)

    await parsers.close()
    with pytest.raises(Unavailable):
        await parsers.read("SELECT 1", ANA, DEFAULTS, 60)


async def test_a_text_that_takes_too_long_is_given_up(parsers):
    """Its process is killed at the limit, and the next statement is answered."""
    process = await _child(parsers)

    with pytest.raises(BadRequest, match=r"could not be parsed within 0.2 s") as refused:
        await parsers.compile(_query(LONG), FakeRelations())

    assert refused.value.code == "QUERY_TIMEOUT"
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(BadRequest, match="could not be parsed"):
        await parsers.read(HOURS_OF_DDL, ANA, DEFAULTS, 60)
    assert isinstance(await parsers.read("SHOW TABLES", ANA, DEFAULTS, 60), Show)


async def test_a_statements_own_limit_may_be_shorter():
    """It counts from the start, whatever the parser's limit is."""
    parsers = ParserPool()
    await parsers.read("SELECT 1", ANA, DEFAULTS, 60)

    with pytest.raises(BadRequest, match=r"longer than 0.1 s and was stopped while it was still being parsed"):
        await parsers.compile(_query(LONG, timeout_s=0.1), FakeRelations())
    await parsers.close()


async def test_cancelling_ends_the_work():
    """It has a moment to end by itself; then the process is gone."""
    parsers = ParserPool()
    process = await _child(parsers)
    task = asyncio.create_task(parsers.compile(_query(LONG), FakeRelations()))
    while parsers._idle:  # until the process has been taken
        await asyncio.sleep(0)

    task.cancel()
    await asyncio.wait({task})

    assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL
    await parsers.close()


async def test_a_short_text_whose_caller_leaves_costs_no_process(monkeypatch):
    """It is parsed to its end, and the process takes the next one."""
    monkeypatch.setattr(finishing, "FINISH_S", 60)
    parsers = ParserPool()
    process = await _child(parsers)
    task = asyncio.create_task(parsers.compile(_query("SELECT 1"), FakeRelations()))
    while parsers._idle:
        await asyncio.sleep(0)

    task.cancel()
    await asyncio.wait({task})
    await asyncio.gather(*parsers._finishing._going_on)

    assert await _child(parsers) is process
    await parsers.close()


async def test_a_process_that_does_not_get_ready_is_a_refusal(monkeypatch):
    """It is no bug of ours, and the next statement gets another process."""
    parsers = ParserPool()
    with monkeypatch.context() as changed:
        changed.setattr(child_module, "_START_TIMEOUT_S", 0)
        with pytest.raises(BadRequest, match="The process that parses the statement died") as refused:
            await parsers.read("SELECT 1", ANA, DEFAULTS, 60)

    assert refused.value.code == "QUERY_WORKER_DIED"
    assert isinstance(await parsers.read("SHOW TABLES", ANA, DEFAULTS, 60), Show)
    await parsers.close()


async def test_one_principal_leaves_a_process_to_the_others():
    """While the texts of one are parsed for ever, another's are read at once."""
    parsers = ParserPool()
    endless = [asyncio.create_task(parsers.compile(_query(LONG), FakeRelations())) for _ in range(3)]
    await asyncio.sleep(0)

    assert isinstance(await parsers.read("SHOW TABLES", user("bob"), DEFAULTS, 60), Show)
    assert not any(task.done() for task in endless)

    for task in endless:
        task.cancel()
    await asyncio.wait(endless)
    await parsers.close()

"""Compiled queries that are remembered: what they say with other values, and when they are compiled anew."""

import msgspec
import pytest

from headgate.admin.statement_ports import Parameter, Query, TableSource
from headgate.catalog.names import Defaults
from headgate.catalog.types import parse_columns
from headgate.core.errors import BadRequest, Forbidden
from headgate.storage.query import compile_memory
from headgate.storage.query.bounds import ColumnComparison, Constant, ConstantStep
from headgate.storage.query.compile_memory import CompileMemory
from headgate.storage.query.compiled import Compiled
from tests.fakes.parsers import HereParsers
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations
from tests.fakes.typed_relations import TypedRelations

ANA, BOB = user("ana"), user("bob")
TEXT = "SELECT a, :x AS x FROM t WHERE s = :x AND c > :n"


class Counting(HereParsers):
    """Compiles, and counts."""

    def __init__(self) -> None:
        self.count = 0

    async def compile(self, query, relations):
        """The compiled query."""
        self.count += 1
        return await super().compile(query, relations)


class Revoked(FakeRelations):
    """Nothing may be read."""

    def resolve(self, name):
        """Always a refusal."""
        raise Forbidden(f"no SELECT on {name}")


def query(x: str | None = "x", n: str | None = "1", text: str = TEXT, principal=ANA) -> Query:
    """The query with these values."""
    return Query(text=text, principal=principal, parameters=(Parameter("x", x), Parameter("n", n, "BIGINT")))


def plain(compiled: Compiled) -> str:
    """The text with one name for each table, whatever the compilation chose."""
    text = compiled.sql
    for read in compiled.reads:
        text = text.replace(read.view, str(read.source.name))
    # A text of digits alone is cast without a look at it; that of a value which comes later is looked at.
    return text.replace("databricks_digits('-7')", "'-7'")


@pytest.mark.parametrize("x", ["x", "", "it's", "''", "a\\b", "\\'", "line\nnext", "%s {0} :x", "é\u2028\U0001f600", "\t", "a--b /* c */", "value 1"])
async def test_other_values(x):
    """The text is what compiling it with the values gives, whatever they hold."""
    memory, here = CompileMemory(counting := Counting()), HereParsers()
    await memory.compile(query("first"), FakeRelations())
    asked = query(x, "-7")
    assert plain(await memory.compile(asked, FakeRelations())) == plain(await here.compile(asked, FakeRelations()))
    assert counting.count == 1


@pytest.mark.parametrize("x", ["x", "", "it's", "a\\b", "value 1"])
async def test_other_values_bound_the_rows(x):
    """As compiling it with the values does."""
    memory, here = CompileMemory(counting := Counting()), HereParsers()
    text = "SELECT a FROM t WHERE b = :x AND a > :n AND d < '2026-01-31'"
    await memory.compile(query("first", text=text), TypedRelations())
    asked = query(x, "-7", text)
    compiled = await memory.compile(asked, TypedRelations())
    assert [read.bound for read in compiled.reads] == [read.bound for read in (await here.compile(asked, TypedRelations())).reads]
    assert ColumnComparison("b", "=", Constant("text", x, (ConstantStep("cast", "string"),))) in compiled.reads[0].bound.parts
    assert counting.count == 1


async def test_what_is_compiled_for_itself():
    """Another type, other defaults, NULL instead of a value: each is another text."""
    memory = CompileMemory(counting := Counting())
    named = query(text=TEXT.replace("FROM t", "FROM main.default.t"))
    for asked in (query(), named, msgspec.structs.replace(named, defaults=Defaults("main", "other")), query(x=None), query(), named):
        await memory.compile(asked, FakeRelations())
    assert counting.count == 4
    typed = msgspec.structs.replace(query(), parameters=(Parameter("x", "1", "DATE"), Parameter("n", "1", "BIGINT")))
    await memory.compile(typed, FakeRelations())
    assert counting.count == 5


async def test_another_principal_has_the_same_text():
    """It is compiled once for all of them. One that may not read a table is refused, and the others go on."""
    memory, here = CompileMemory(counting := Counting()), HereParsers()
    for principal in (ANA, BOB, ANA):
        made = await memory.compile(query(n="-7", principal=principal), FakeRelations())
        assert plain(made) == plain(await here.compile(query(n="-7", principal=principal), FakeRelations()))
    assert counting.count == 1

    with pytest.raises(Forbidden):
        await memory.compile(query(principal=BOB), Revoked())
    await memory.compile(query(), FakeRelations())
    assert counting.count == 2


@pytest.mark.parametrize(
    "asks", ["current_user()", "user()", "session_user()", "is_member('devs')", "is_account_group_member('devs')", "(SELECT max(current_user()))"]
)
@pytest.mark.parametrize("view", [False, True], ids=["statement", "view"])
async def test_a_text_that_asks_for_the_user(asks, view):
    """It is compiled for each principal, also where a view inside of a view asks."""
    memory, here = CompileMemory(counting := Counting()), HereParsers()
    inner = f"SELECT a, {asks} AS me FROM main.default.t"
    relations = FakeRelations(views={"v_inner": inner, "v_t": "SELECT a, me FROM main.default.v_inner"})
    text = "SELECT me, :x AS x, :n AS n FROM v_t" if view else f"SELECT {asks} AS me, :x AS x, :n AS n FROM t"
    for principal in (ANA, BOB, ANA, BOB):
        asked = query(n="-7", text=text, principal=principal)
        made = await memory.compile(asked, relations)
        assert plain(made) == plain(await here.compile(asked, relations))
        assert not made.own
    assert counting.count == 2


async def test_a_view_that_asks_for_the_user_from_now_on():
    """What all had the same before is each one's own."""
    memory = CompileMemory(counting := Counting())
    before = FakeRelations(views={"v_t": "SELECT a FROM main.default.t"})
    after = FakeRelations(views={"v_t": "SELECT current_user() AS a FROM main.default.t"})
    text = "SELECT a, :x AS x, :n AS n FROM v_t"
    await memory.compile(query(text=text), before)
    made = {one.name: await memory.compile(query(text=text, principal=one), after) for one in (ANA, BOB, ANA)}
    assert [(name in compiled.sql, compiled.own) for name, compiled in made.items()] == [(True, False)] * 2
    assert counting.count == 3


async def test_groups_are_part_of_the_principal():
    """`is_member` says what holds now: one that joined a group has another text."""
    memory = CompileMemory(HereParsers())
    asked = query(text="SELECT is_member('devs') AS a, :x AS x, :n AS n")
    joined = msgspec.structs.replace(asked, principal=msgspec.structs.replace(ANA, groups=frozenset({"devs"})))
    before, after = await memory.compile(asked, FakeRelations()), await memory.compile(joined, FakeRelations())
    assert ("false" in before.sql, "true" in after.sql) == (True, True)


async def test_rights_are_looked_up_each_time():
    """A privilege that was revoked, and a view or a table that changed, count at once."""
    memory = CompileMemory(counting := Counting())
    relations = FakeRelations(views={"v_t": "SELECT a FROM main.default.t"})
    asked = query(text="SELECT :x AS x, :n AS n FROM v_t")
    await memory.compile(asked, relations)
    await memory.compile(asked, relations)
    assert counting.count == 1

    changed = FakeRelations(views={"v_t": "SELECT a AS b FROM main.default.t WHERE a > 7"})
    assert " > 7" in (await memory.compile(asked, changed)).sql
    moved = FakeRelations(root="/elsewhere", views={"v_t": "SELECT a AS b FROM main.default.t"})
    assert (await memory.compile(asked, moved)).reads[0].source.location == "/elsewhere/t"
    assert counting.count == 3

    with pytest.raises(Forbidden):
        await memory.compile(asked, Revoked())


async def test_a_table_that_has_new_columns():
    """Columns are part of what a name means."""
    memory = CompileMemory(counting := Counting())

    class Wide(FakeRelations):
        def resolve(self, name):
            found = super().resolve(name)
            assert isinstance(found, TableSource)
            return msgspec.structs.replace(
                found, schema=msgspec.structs.replace(found.schema, fields=parse_columns("a: timestamp, s: string, c: int"))
            )

    await memory.compile(query(), FakeRelations())
    assert (await memory.compile(query(), Wide())).reads[0].source.schema.fields
    assert counting.count == 2


async def test_refusals_are_not_remembered():
    """A wrong text is refused each time, a missing value too."""
    memory = CompileMemory(counting := Counting())
    for _ in range(2):
        with pytest.raises(BadRequest, match="UNBOUND"):
            await memory.compile(Query(text=TEXT, principal=ANA), FakeRelations())
    assert counting.count == 2


async def test_memory_is_bounded(monkeypatch):
    """Very long texts are not remembered, and the longest unused goes first."""
    monkeypatch.setattr(compile_memory, "_KEPT_MAX", 2)
    memory = CompileMemory(counting := Counting())
    for text in ("SELECT 1", "SELECT 2", "SELECT 1", "SELECT 3", "SELECT 1", "SELECT 2"):
        await memory.compile(Query(text=text, principal=ANA), FakeRelations())
    assert counting.count == 4
    monkeypatch.setattr(compile_memory, "_CHARS_MAX", 10)
    assert (await memory.compile(query("it's"), FakeRelations())).sql.count("'it''s'") == 2


async def test_all_texts_together_are_bounded(monkeypatch):
    """By their characters; what was not used for longest goes first."""
    memory = CompileMemory(counting := Counting())
    sizes = [len((await memory.compile(Query(text=text, principal=ANA), FakeRelations())).sql) for text in ("SELECT 1", "SELECT 2")]
    monkeypatch.setattr(compile_memory, "_ALL_CHARS_MAX", sum(sizes))
    for text in ("SELECT 1", "SELECT 3", "SELECT 1", "SELECT 2"):
        await memory.compile(Query(text=text, principal=ANA), FakeRelations())
    assert counting.count == 4


@pytest.mark.parametrize("text", ["SELECT :x FROM t WHERE", "SELECT upper(:x, :n)", "SELECT nothing, :x FROM (SELECT 1 AS a)"])
async def test_what_is_wrong_whatever_the_values_is_compiled_once(text):
    """Another try with the values would fail as well."""
    compiler = Counting()
    with pytest.raises(BadRequest):
        await CompileMemory(compiler).compile(query(text=text), FakeRelations())
    assert compiler.count == 1

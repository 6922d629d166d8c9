"""Where tables lie, and which places a person may name."""

import re

import pytest

from headgate.admin.locations import Locations, aside, normal, url_of
from headgate.core.errors import BadRequest, Forbidden
from tests.unit.admin.tabling import ADA, ADMIN, Desk, name

ID = "0192f000-0000-7000-8000-00000000abcd"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("/lake/t", "/lake/t"), ("/lake//t/", "/lake/t"), ("file:///lake/t/", "/lake/t"), ("file:/lake/a%20b", "/lake/a b"), ("file://localhost/lake", "/lake"),
     ("//lake/t", "/lake/t"), ("/lake/./t", "/lake/t"), ("/lake/a..b", "/lake/a..b"), ("s3://bucket/k/", "s3://bucket/k"), ("abfss://box@account.dfs.core.windows.net/k", "abfss://box@account.dfs.core.windows.net/k"), (" gs://b/k ", "gs://b/k")],
)  # fmt: skip
def test_normal(given, kept):
    """One spelling of each place."""
    assert normal(given) == kept


@pytest.mark.parametrize(
    "given",
    ["", "lake/t", "./t", "~/t", "file://elsewhere/t", "http://host/t", "s3://", "s3://key:secret@bucket/t", "s3://b/../c", "s3://b/k?x=1", "ftp://h/x",
     "/lake/../x", "/lake/%2e%2e/x", "/lake/%2E./x", "file:///lake/%2e%2e/x", "file:///lake/../x", "file:///lake/a%00b", "file:///lake/a%0Ab", "s3://b/%2e%2e/c",
     "s3://b/a/./c", "s3://b/a//c", "s3://b/%2e/c", "s3://b/a%00c", "/..", "/a\nb", "/" + "x" * 1024, "memory://x", "hf://a/b"],
)  # fmt: skip
def test_senseless_places(given):
    """Whatever is not plainly a place is refused."""
    with pytest.raises(BadRequest, match="INVALID_LOCATION"):
        normal(given)


def test_urls():
    """Other programs are told URLs."""
    assert url_of("/lake/a b/é") == "file:///lake/a%20b/%C3%A9"
    assert url_of("s3://b/k") == "s3://b/k"
    assert not url_of("")


async def test_a_new_table():
    """Below the warehouse by its name, or below the root of its catalog or schema; beside whatever another entry holds."""
    desk = Desk()
    locations = Locations("s3://lake/warehouse/", "/data")
    assert locations.of_new(desk.state.load(), name("main.default.t"), ID) == "s3://lake/warehouse/main/default/t"
    await desk.run("CREATE CATALOG rooted LOCATION '/fast'")
    await desk.run("CREATE SCHEMA rooted.a")
    await desk.run("CREATE SCHEMA rooted.b LOCATION '/faster/'")
    seen = desk.state.load()
    assert locations.of_new(seen, name("rooted.a.t"), ID) == "/fast/a/t"
    assert locations.of_new(seen, name("rooted.b.t"), ID) == "/faster/t"
    await desk.run("CREATE TABLE rooted.a.t (x INT)")
    assert locations.of_new(desk.state.load(), name("rooted.a.t"), ID) == aside("/fast/a/t", ID) == "/fast/a/t-0000abcd"


@pytest.mark.parametrize("leaf", ["a%20b", "été", "x" * 121, "a*b?[c]", "k=v", "a:b"])
def test_names_that_make_no_folder(leaf):
    """What a file system or a reader could take for something else does not become a path; the id keeps such tables apart."""
    location = Desk().locations.of_new(Desk().state.load(), name("main.default").child(leaf), ID)
    assert re.fullmatch(r"/data/warehouse/main/default/[A-Za-z0-9_-]{1,120}-0000abcd", location)


@pytest.mark.parametrize("given", ["/data", "/data/state.db", "/", "/data/warehouse/main/default/t", "file:///data/journal", "/other/../data/x"])
def test_our_own_directory(given):
    """No table lies in Headgate's own directory, or holds it."""
    desk = Desk()
    with pytest.raises(BadRequest, match="INVALID_LOCATION"):
        desk.locations.given(desk.state.load(), ADMIN, given)


def test_a_link_into_our_own_directory(tmp_path):
    """A link does not lead around that."""
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    desk = Desk(data_root=str(tmp_path / "data"))
    with pytest.raises(BadRequest, match="Headgate's own directory"):
        desk.locations.given(desk.state.load(), ADMIN, f"{tmp_path}/link/x")


async def test_links_to_another_tables_place(tmp_path):
    """A link does not lead to another table's place either, nor out of one spelling of it into another."""
    (tmp_path / "lake" / "t").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "lake")
    (tmp_path / "lake" / "t" / "deep").symlink_to(tmp_path / "lake")
    desk = Desk()
    await desk.run(f"CREATE TABLE main.default.t (a INT) LOCATION '{tmp_path}/link/t'")
    assert desk.find("main.default.t").location == f"{tmp_path}/link/t"
    for taken in ("lake/t", "link/t", "lake/t/x", "lake/t/deep/t", "lake", "link", ""):
        with pytest.raises(BadRequest) as refused:
            desk.locations.given_to_table(desk.state.load(), ADMIN, f"{tmp_path}/{taken}")
        assert refused.value.code == "LOCATION_OVERLAP"
    assert desk.locations.given_to_table(desk.state.load(), ADMIN, f"{tmp_path}/link/u") == f"{tmp_path}/link/u"


def test_a_link_into_the_warehouse(tmp_path):
    """A link does not lead to where Headgate puts tables."""
    (tmp_path / "w").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "w")
    with pytest.raises(BadRequest, match="Headgate puts tables"):
        Desk(warehouse=str(tmp_path / "w")).locations.given(Desk().state.load(), ADMIN, f"{tmp_path}/link/x")


@pytest.mark.parametrize(
    ("there", "same"),
    [("s3://b/k", "s3a://b/k"), ("s3a://b/k", "s3://b/k/x"), ("s3://b/a b", "s3://b/a%20b"), ("az://box/k", "abfss://box@account.dfs.core.windows.net/k"),
     ("abfs://box@account.dfs.core.windows.net/k", "abfss://box@account.dfs.core.windows.net/"), ("s3://b/k", "s3://b")],
)  # fmt: skip
async def test_spellings_of_one_place_in_object_storage(there, same):
    """Schemes that reach the same objects, and escapes, do not make a second place of one."""
    desk = Desk()
    await desk.run(f"CREATE TABLE main.default.t (a INT) LOCATION '{there}'")
    with pytest.raises(BadRequest) as refused:
        desk.locations.given(desk.state.load(), ADMIN, same)
    assert refused.value.code == "LOCATION_OVERLAP"
    for other in ("s3://b/kk", "s3://other/k", "gs://b/k", "abfss://box@second.dfs.core.windows.net/k2"):
        assert desk.locations.given(desk.state.load(), ADMIN, other) == other


async def test_where_a_catalog_puts_its_tables():
    """A table lies neither where a catalog or schema puts its tables nor around that; a schema's root may lie in its catalog's."""
    desk = Desk()
    await desk.run("CREATE CATALOG rooted LOCATION '/fast/c'")
    await desk.run("CREATE SCHEMA rooted.s LOCATION '/fast/c/s'")
    for location in ("/fast", "/fast/c", "/fast/c/s/t", "/fast/c/other"):
        with pytest.raises(BadRequest) as refused:
            await desk.run(f"CREATE TABLE main.default.t (a INT) LOCATION '{location}'")
        assert refused.value.code == "LOCATION_OVERLAP"
    await desk.run("CREATE TABLE main.default.t (a INT) LOCATION '/faster'")


def test_the_warehouse_elsewhere():
    """Where Headgate puts tables, nobody else does."""
    desk = Desk()
    locations = Locations("s3://lake/w", "/data")
    with pytest.raises(BadRequest, match="Headgate puts tables"):
        locations.given(desk.state.load(), ADMIN, "s3://lake/w/x")
    assert locations.given(desk.state.load(), ADMIN, "s3://lake/w2") == "s3://lake/w2"


def test_only_administrators_name_places():
    """A place could be another table's: naming one takes MANAGE on the metastore."""
    desk = Desk()
    with pytest.raises(Forbidden):
        desk.locations.given(desk.state.load(), ADA, "/lake/t")

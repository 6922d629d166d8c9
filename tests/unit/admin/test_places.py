"""Where tables lie, and which places a person may name."""

import re

import pytest

from headgate.admin.places import Places, aside, normal, url_of
from headgate.core.errors import BadRequest, Forbidden
from tests.unit.admin.tabling import ADA, ADMIN, Desk, name

ID = "0192f000-0000-7000-8000-00000000abcd"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("/lake/t", "/lake/t"), ("/lake//t/", "/lake/t"), ("file:///lake/t/", "/lake/t"), ("file:/lake/a%20b", "/lake/a b"), ("file://localhost/lake", "/lake"),
     ("s3://bucket/k/", "s3://bucket/k"), ("abfss://box@account.dfs.core.windows.net/k", "abfss://box@account.dfs.core.windows.net/k"), (" gs://b/k ", "gs://b/k")],
)  # fmt: skip
def test_normal(given, kept):
    """One spelling of each place."""
    assert normal(given) == kept


@pytest.mark.parametrize(
    "given",
    ["", "lake/t", "./t", "~/t", "file://elsewhere/t", "http://host/t", "s3://", "s3://key:secret@bucket/t", "s3://b/../c", "s3://b/k?x=1", "ftp://h/x",
     "/a\nb", "/" + "x" * 1024, "memory://x", "hf://a/b"],
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
    places = Places("s3://lake/warehouse/", "/data")
    assert places.of_new(desk.state.load(), name("main.default.t"), ID) == "s3://lake/warehouse/main/default/t"
    await desk.run("CREATE CATALOG rooted LOCATION '/fast'")
    await desk.run("CREATE SCHEMA rooted.a")
    await desk.run("CREATE SCHEMA rooted.b LOCATION '/faster/'")
    seen = desk.state.load()
    assert places.of_new(seen, name("rooted.a.t"), ID) == "/fast/a/t"
    assert places.of_new(seen, name("rooted.b.t"), ID) == "/faster/t"
    await desk.run("CREATE TABLE rooted.a.t (x INT)")
    assert places.of_new(desk.state.load(), name("rooted.a.t"), ID) == aside("/fast/a/t", ID) == "/fast/a/t-0000abcd"


@pytest.mark.parametrize("leaf", ["a%20b", "été", "x" * 121, "a*b?[c]", "k=v", "a:b"])
def test_names_that_make_no_folder(leaf):
    """What a file system or a reader could take for something else does not become a path; the id keeps such tables apart."""
    location = Desk().places.of_new(Desk().state.load(), name("main.default").child(leaf), ID)
    assert re.fullmatch(r"/data/warehouse/main/default/[A-Za-z0-9_-]{1,120}-0000abcd", location)


@pytest.mark.parametrize("given", ["/data", "/data/state.db", "/", "/data/warehouse/main/default/t", "file:///data/journal", "/other/../data/x"])
def test_our_own_directory(given):
    """No table lies in Headgate's own directory, or holds it."""
    desk = Desk()
    with pytest.raises(BadRequest, match="INVALID_LOCATION"):
        desk.places.given(desk.state.load(), ADMIN, given)


def test_a_link_into_our_own_directory(tmp_path):
    """A link does not lead around that."""
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    desk = Desk(data_root=str(tmp_path / "data"))
    with pytest.raises(BadRequest, match="Headgate's own directory"):
        desk.places.given(desk.state.load(), ADMIN, f"{tmp_path}/link/x")


def test_the_warehouse_elsewhere():
    """Where Headgate puts tables, nobody else does."""
    desk = Desk()
    places = Places("s3://lake/w", "/data")
    with pytest.raises(BadRequest, match="Headgate puts tables"):
        places.given(desk.state.load(), ADMIN, "s3://lake/w/x")
    assert places.given(desk.state.load(), ADMIN, "s3://lake/w2") == "s3://lake/w2"


def test_only_administrators_name_places():
    """A place could be another table's: naming one takes MANAGE on the metastore."""
    desk = Desk()
    with pytest.raises(Forbidden):
        desk.places.given(desk.state.load(), ADA, "/lake/t")

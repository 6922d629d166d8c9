"""`headgate table`."""

import json

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from typer.testing import CliRunner

from headgate.cli.main import app
from headgate.cli.output import size


@pytest.fixture
def data(tmp_path):
    """A data directory with one table of four small files."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.db").touch(mode=0o600)
    environ = {"HEADGATE_DATA": str(tmp_path / "data"), "HOME": str(tmp_path)}
    made = CliRunner().invoke(app, ["sql", "CREATE TABLE t (a BIGINT NOT NULL COMMENT 'first') COMMENT 'words' TBLPROPERTIES ('k'='v')"], env=environ)
    assert made.exit_code == 0, made.output
    for value in range(4):
        rows = pa.table({"a": [value]}, schema=pa.schema([pa.field("a", pa.int64(), nullable=False)]))
        write_deltalake(str(tmp_path / "data/warehouse/main/default/t"), rows, mode="append")
    return environ


@pytest.fixture
def run(data):
    """Runs the command."""

    def run(*arguments: str, code: int = 0):
        result = CliRunner().invoke(app, ["table", *arguments], env=data)
        assert result.exit_code == code, result.output
        return result

    return run


def test_list(run, tmp_path):
    """Every table with its files; one that nobody has filled has none; one that is broken says why, and the others are listed."""
    lines = run("list").stdout.splitlines()
    assert lines[0].split() == ["TABLE", "TYPE", "VERSION", "FILES", "SIZE", "CHANGED", "OWNER"]
    assert lines[1].split()[:4] == ["main.default.t", "MANAGED", "4", "4"]
    assert ["system.ai_gateway.usage", "MANAGED", "–", "–"] in [line.split()[:4] for line in lines]
    (tmp_path / "data/warehouse/main/default/t/_delta_log/00000000000000000000.json").write_text("broken")
    broken = run("list")
    assert "main.default.t: [DELTA_" in broken.stderr
    assert len(broken.stdout.splitlines()) == len(lines)


def test_list_for_programs(run, tmp_path):
    """All that is known, by names."""
    tables = {row["name"]: row for row in json.loads(run("list", "--json").stdout)}
    table = tables["main.default.t"]
    assert (table["version"], table["files"], table["comment"], table["owner"], table["trouble"]) == (4, 4, "words", "admin", None)
    assert table["location"] == f"file://{tmp_path}/data/warehouse/main/default/t"
    assert tables["system.ai_gateway.my_usage"]["location"] is None


def test_describe(run):
    """Columns, facts and properties; for programs also the statement."""
    shown = run("describe", "main.default.t").stdout
    assert shown.startswith("a bigint NOT NULL   -- first\n")
    assert "property      k = v" in shown
    described = json.loads(run("describe", "t", "--json").stdout)
    assert described["columns"] == [{"name": "a", "type": "bigint", "nullable": False, "comment": "first"}]
    assert described["statement"].startswith("CREATE TABLE main.default.t (\n  a BIGINT NOT NULL COMMENT 'first')")
    assert "cannot be found" in run("describe", "none", code=1).stderr
    assert "not a name" in run("describe", "a..b", code=1).stderr


def test_optimize_and_vacuum(run):
    """Small files become one; young files stay."""
    assert run("optimize", "t").stderr == "4 files merged into 1.\n"
    assert json.loads(run("optimize", "t", "--json").stdout)["numFilesRemoved"] == 0
    assert "no column b" in run("optimize", "t", "--zorder", "b", code=1).stderr
    assert run("vacuum", "t", "--dry-run").stderr == "0 files would be deleted.\n"
    assert json.loads(run("vacuum", "t", "--retain-hours", "1", "--json").stdout) == []
    run("vacuum", "t", "--retain-hours", "0.5", code=2)
    assert run("optimize", "system.ai_gateway.usage").stderr == "Nothing to merge.\n"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (3_500_000, "3.3 MiB"), (5 << 30, "5.0 GiB"), (2 << 40, "2.0 TiB")]
)
def test_size(count, text):
    """Sizes as people read them."""
    assert size(count) == text

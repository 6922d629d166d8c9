"""What people write in SQL through a real gateway: views and rows, with Databricks' SDK where it is there."""

import time

import pytest
from deltalake import DeltaTable

from tests.e2e.lab import headgate, running, until
from tests.e2e.workspace import administrator, user

pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway with the demo provider."""
    with running(tmp_path_factory.mktemp("writing"), None, arguments=("--demo",)) as started:
        yield started


@pytest.fixture(scope="module")
def root(gateway):
    """An administrator."""
    return administrator(gateway)


@pytest.fixture(scope="module")
def ada(gateway):
    """Somebody without a grant."""
    return user(gateway, "ada@example.com")


@pytest.fixture(scope="module")
def bob(gateway):
    """Somebody else."""
    return user(gateway, "bob@example.com")


def test_views(root, ada, bob):
    """A view reads with its owner's rights for whoever may read it, until the owner loses them or is deactivated."""
    root.rows("CREATE TABLE main.default.pay (who STRING, usd INT)")
    for grant in ("SELECT ON TABLE main.default.pay", "CREATE TABLE ON SCHEMA main.default"):
        root.rows(f"GRANT {grant} TO `ada@example.com`")
    ada.rows("CREATE VIEW who_pays (person COMMENT 'x') AS SELECT who FROM pay UNION ALL SELECT current_user()")
    assert "SELECT on Table 'main.default.who_pays'" in bob.error("SELECT * FROM main.default.who_pays")
    ada.rows("GRANT SELECT ON VIEW who_pays TO `bob@example.com`")
    assert bob.rows("SELECT person FROM who_pays") == [["bob@example.com"]]
    assert bob.rows("SHOW VIEWS IN main.default") == [["default", "who_pays", "false"]]
    assert "INSUFFICIENT_PERMISSIONS" in bob.error("SELECT * FROM pay")
    assert "USE SCHEMA" in ada.error("CREATE VIEW audit AS SELECT * FROM system.access.audit")
    assert "give it to yourself" in ada.error("ALTER VIEW who_pays OWNER TO admins")
    root.rows("REVOKE SELECT ON TABLE main.default.pay FROM `ada@example.com`")
    assert "reads with the rights of its owner, ada@example.com" in bob.error("SELECT * FROM who_pays")
    root.rows("ALTER VIEW main.default.who_pays OWNER TO root")
    assert bob.rows("SELECT person FROM who_pays") == [["bob@example.com"]]
    root.rows("DROP VIEW main.default.who_pays")


def test_a_view_in_databricks_sdk(root):
    """The SDK runs the statements, and sees a view with its text."""
    client = pytest.importorskip("databricks.sdk").WorkspaceClient(host=root.url, token=root.token, auth_type="pat")
    run = client.statement_execution.execute_statement
    assert run("CREATE VIEW main.default.one AS SELECT 1 AS a", "any").status.state.value == "SUCCEEDED"
    assert run("SELECT a FROM main.default.one", "any").result.data_array == [["1"]]
    seen = client.tables.get("main.default.one")
    assert (seen.table_type.value, seen.view_definition, seen.owner) == ("VIEW", "SELECT 1 AS a", "root")
    client.tables.delete("main.default.one")


def test_views_of_the_command_line(gateway, root):
    """`headgate sql` makes views as the first administrator, whom it must know."""
    headgate("sql", "CREATE VIEW main.default.by_hand AS SELECT 2 AS b", "--data", gateway.data)
    assert "2" in headgate("sql", "SELECT * FROM main.default.by_hand", "--data", gateway.data, "--csv")
    assert root.rows("SELECT * FROM main.default.by_hand") == [["2"]]


def test_rows(root, ada):
    """Rows of INSERT are there with the next statement and once in the table's files; the answer counts them, and parameters are taken."""
    root.rows("CREATE TABLE main.default.teams (team STRING NOT NULL, usd DECIMAL(10,2), day DATE) PARTITIONED BY (day)")
    answer = root.run(
        "INSERT INTO teams VALUES (:team, 12.5, DATE '2026-01-31'), ('b', NULL, NULL)", parameters=[{"name": "team", "value": "it's a"}]
    )
    assert [column["name"] for column in answer["manifest"]["schema"]["columns"]] == ["num_affected_rows", "num_inserted_rows"]
    assert answer["result"]["data_array"] == [["2", "2"]]
    everything = "SELECT team, usd, day FROM teams ORDER BY team"
    assert root.rows(everything) == [["b", None, None], ["it's a", "12.50", "2026-01-31"]]
    assert "MODIFY on Table" in ada.error("INSERT INTO teams (team) VALUES ('c')")
    assert "SYSTEM_CATALOG" in root.error("INSERT INTO system.ai_gateway.usage SELECT * FROM system.ai_gateway.usage")
    assert "rows are only added" in root.error("DELETE FROM teams")
    until(lambda: root.rows("DESCRIBE HISTORY main.default.teams")[0][4] == "WRITE")
    assert root.rows(everything) == [["b", None, None], ["it's a", "12.50", "2026-01-31"]]
    assert root.rows("SELECT count(*) FROM teams VERSION AS OF 1") == [["2"]]


def test_a_table_of_a_query(root):
    """It has its rows at once. One that replaces it has none of the rows that were on their way, nor has one that is made after it was dropped."""
    root.rows("CREATE TABLE main.default.made AS SELECT id, id * 1.5 AS more FROM range(3)")
    assert root.rows("SELECT count(*), sum(more) FROM made") == [["3", "4.5"]]
    root.rows("INSERT INTO made VALUES (7, 7)")
    root.rows("CREATE OR REPLACE TABLE main.default.made AS SELECT id FROM made WHERE id > 1")
    assert root.rows("SELECT id FROM made ORDER BY id") == [["2"], ["7"]]
    root.rows("DROP TABLE main.default.made")
    root.rows("CREATE TABLE main.default.made (id BIGINT)")
    assert root.rows("SELECT * FROM made") == []
    root.rows("INSERT INTO made VALUES (1)")
    until(lambda: root.rows("DESCRIBE HISTORY main.default.made")[0][4] == "WRITE")
    assert root.rows("SELECT * FROM made") == [["1"]]
    assert root.ask("GET", "/readyz")[0] == 200


def test_rows_of_the_command_line(gateway, root):
    """`headgate sql` inserts beside the gateway, which sees the rows at once."""
    headgate("sql", "CREATE TABLE main.default.notes (note STRING)", "--data", gateway.data)
    assert "1" in headgate("sql", "INSERT INTO main.default.notes VALUES ('by hand')", "--data", gateway.data, "--csv")
    assert root.rows("SELECT note FROM notes") == [["by hand"]]
    until(lambda: root.rows("DESCRIBE HISTORY main.default.notes")[0][4] == "WRITE")
    assert root.rows("SELECT note FROM notes") == [["by hand"]]


def test_information_schema(root, ada):
    """Each user asks for what they have a privilege on, and joins it with tables."""
    root.rows("CREATE TABLE main.default.seen (a INT NOT NULL)")
    root.rows("CREATE TABLE main.default.unseen (b INT)")
    root.rows("GRANT SELECT ON TABLE main.default.seen TO `ada@example.com`")
    root.rows("INSERT INTO seen VALUES (1)")
    of = "FROM main.information_schema.tables WHERE table_name LIKE '%seen' ORDER BY 1"
    assert root.rows(f"SELECT table_name {of}") == [["seen"], ["unseen"]]
    assert ada.rows(f"SELECT table_name, table_type, table_owner {of}") == [["seen", "MANAGED", "root"]]
    joined = "SELECT column_name, is_nullable FROM system.information_schema.columns JOIN seen ON ordinal_position = a WHERE table_name = 'seen'"
    assert ada.rows(joined) == [["a", "NO"]]
    assert ada.rows("SELECT grantee, privilege_type FROM main.information_schema.table_privileges WHERE table_name = 'seen'") == [
        ["ada@example.com", "SELECT"]
    ]


@pytest.mark.slow
def test_kill_after_the_answer(tmp_path):
    """Rows that were acknowledged before everything was killed are there afterwards, once, whatever the flusher had done of them by then."""
    with running(tmp_path, None, arguments=("--demo",)) as gateway:
        root = administrator(gateway)
        root.rows("CREATE TABLE main.default.t (turn INT, number INT)")
        for turn in range(6):
            for number in range(3):
                root.rows(f"INSERT INTO t VALUES ({turn}, {number})")
            time.sleep(turn * 0.9)
            gateway.kill_all()
            gateway.start()
            found = root.rows("SELECT turn, count(*), count(DISTINCT number) FROM t GROUP BY turn ORDER BY turn")
            assert found == [[str(each), "3", "3"] for each in range(turn + 1)]
        until(lambda: root.rows("SELECT count(*) FROM t VERSION AS OF 1") != [["0"]])
        assert gateway.stop() == 0
        assert DeltaTable(f"{gateway.data}/warehouse/main/default/t").to_pyarrow_table().num_rows == 18

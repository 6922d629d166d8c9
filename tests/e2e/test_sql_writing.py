"""What people write in SQL through a real gateway: views, with Databricks' SDK where it is there."""

import pytest

from tests.e2e.lab import headgate, running
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
    headgate("sql", "CREATE VIEW main.default.made AS SELECT 2 AS b", "--data", gateway.data)
    assert "2" in headgate("sql", "SELECT * FROM main.default.made", "--data", gateway.data, "--csv")
    assert root.rows("SELECT * FROM main.default.made") == [["2"]]

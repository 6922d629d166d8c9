"""Groups of the file over a real server: a privilege of the catalog that a group holds is its members', in nested groups too, and live."""

from tests.e2e.lab import running, until
from tests.e2e.workspace import administrator, user

TEAM = '[[groups]]\nname = "contractors"\nmembers = [{members}]\n[[groups]]\nname = "team"\nmembers = ["contractors"]\n'


def test_members_read_what_is_granted_to_their_group(tmp_path):
    """Directly and through a group in the group; a stranger does not; a member who leaves does not any more."""
    with running(tmp_path / "gateway", None, TEAM.format(members='"eve@example.com"'), arguments=("--demo",)) as gateway:
        root, eve, ada = administrator(gateway), user(gateway, "eve@example.com"), user(gateway, "ada@example.com")
        root.rows("CREATE TABLE main.default.t (a INT)")
        root.rows("GRANT SELECT ON TABLE main.default.t TO `team`")
        read = "SELECT count(*) FROM main.default.t"
        assert eve.rows(read) == [["0"]]
        assert eve.rows("SELECT is_account_group_member('contractors'), is_account_group_member('clients')") == [["true", "false"]]
        assert "does not have SELECT" in ada.error(read)
        shown = eve.ask("GET", "/api/2.0/preview/scim/v2/Me")[1]["groups"]
        assert [group["display"] for group in shown] == ["account users", "contractors", "team"]

        config = TEAM.format(members='"ada@example.com"')
        (gateway.folder / "headgate.toml").write_text(gateway.config.replace(TEAM.format(members='"eve@example.com"'), config), encoding="utf-8")
        until(lambda: ada.run(read)["status"]["state"] == "SUCCEEDED")
        assert "does not have SELECT" in eve.error(read)
        assert root.ask("GET", "/api/2.1/unity-catalog/permissions/table/main.default.t")[1] == {
            "privilege_assignments": [{"principal": "team", "privileges": ["SELECT"]}]
        }

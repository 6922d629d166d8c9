"""Grants on endpoints over a real server: refusals as agents read them, listings, nested groups, and a changed file."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, Asking, Case
from tests.e2e.documented import block
from tests.e2e.lab import CLAUDE, GEMINI, GPT, lab_provider, running, say_hello, until
from tests.e2e.workspace import UNITY, administrator, user
from tests.fakes.turns import say

HELLO = say("Hello from the script.")
MEMBER, STRANGER = "eve@example.com", "ada@example.com"
GROUPS = '[[groups]]\nname = "contractors"\nmembers = ["eve@example.com"]\n[[groups]]\nname = "staff"\nmembers = ["contractors"]\n'
STAFF_ONLY = GROUPS + '[[grants]]\nprincipal = "staff"\nendpoint = "*"\n'
ONLY_CLAUDE = GROUPS + f'[permissions]\ndefault = "closed"\n[[grants]]\nprincipal = "account users"\nendpoint = "{CLAUDE}"\n'
CURSOR = Case("openai_chat", GPT)
LISTINGS = {
    "anthropic": "/anthropic/v1/models",
    "openai_chat": "/openai/v1/models",
    "gemini": "/gemini/v1beta/models",
    "cursor": "/cursor/v1/models",
}


def ask(gateway, token, case=ANTHROPIC, path=""):
    """One unstreamed request: status, body."""
    with Asking(gateway.url, token, path or case.path(stream=False), case.body(stream=False)) as asking:
        return asking.status, json.loads(asking.rest())


def get(gateway, token, path):
    """One GET: status, body as text."""
    connection = http.client.HTTPConnection(urlsplit(gateway.url).netloc, timeout=30)
    connection.request("GET", path, headers={"authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


@pytest.fixture(scope="module")
def governed(tmp_path_factory):
    """A gateway whose endpoints are for the staff, a member's token, and a stranger's."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("permissions"), provider, STAFF_ONLY) as gateway:
        yield provider, gateway, gateway.create_token("member", MEMBER)[0], gateway.token


def said(case, body):
    """Code and message of an error in this format."""
    error = body["error"]
    return error["details"][0]["reason"] if case.dialect == "gemini" else error["code"], error["message"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
def test_a_member_asks_and_a_stranger_reads_why_not(governed, case):
    """In each format with the status and code that make its agents stop and show the text. Nothing of it reaches the provider; the row says why."""
    provider, gateway, member, stranger = governed
    provider.play(HELLO)
    assert ask(gateway, member, case)[0] == 200
    sent = len(provider.ledger.generations)

    status, body = ask(gateway, stranger, case)
    code, message = said(case, body)
    assert (status, code) == (403, "model_not_found" if case.dialect.startswith("openai") else "permission_missing")
    assert message.startswith(f"User {STRANGER} lacks the permission CAN_QUERY on endpoint {case.endpoint}. Ask your Headgate administrator")
    assert len(provider.ledger.generations) == sent
    assert gateway.rows(2)[-1]["error_code"] == "permission_missing"


def test_cursor_and_counting_tokens_are_refused_too(governed):
    """Every route that names an endpoint asks for the permission."""
    _, gateway, _, stranger = governed
    assert ask(gateway, stranger, CURSOR, "/cursor/v1/chat/completions")[0] == 403
    assert ask(gateway, stranger, ANTHROPIC, "/anthropic/v1/messages/count_tokens")[0] == 403
    assert get(gateway, stranger, f"/anthropic/v1/models/{CLAUDE}")[0] == 403


@pytest.mark.parametrize("dialect", LISTINGS)
def test_listings_show_what_may_be_asked(governed, dialect):
    """To a member the endpoints, to a stranger none: in every format, and in the advice for a mistyped name."""
    _, gateway, member, stranger = governed
    mine = CLAUDE if dialect == "anthropic" else GEMINI if dialect == "gemini" else GPT
    status, seen = get(gateway, member, LISTINGS[dialect])
    assert (status, mine in seen) == (200, True)
    status, seen = get(gateway, stranger, LISTINGS[dialect])
    assert (status, "databricks-" in seen) == (200, False)


def test_a_near_name_is_one_that_may_be_asked(governed):
    """A stranger's typing mistake tells them no name."""
    _, gateway, member, stranger = governed
    wrong = Case("anthropic", "databricks-cloude-opus-4-6")
    assert f"Try {CLAUDE}" in ask(gateway, member, wrong)[1]["error"]["message"]
    assert CLAUDE not in ask(gateway, stranger, wrong)[1]["error"]["message"]


def test_a_changed_file_is_in_force_without_a_restart(tmp_path, provider):
    """Grants, the default and groups, in both directions."""
    with running(tmp_path / "gateway", provider) as gateway:
        file = gateway.folder / "headgate.toml"
        member = gateway.create_token("member", MEMBER)[0]

        def statuses():
            provider.play(*[HELLO] * 4)
            return [ask(gateway, token, case)[0] for case in (ANTHROPIC, CASES[3]) for token in (member, gateway.token)]

        def change(policy, expected):
            file.write_text(policy + gateway.config, encoding="utf-8")
            until(statuses, expected)

        change("", [200, 200, 200, 200])
        change(STAFF_ONLY, [200, 403, 200, 403])
        change(STAFF_ONLY.replace(MEMBER, "nobody@example.com"), [403, 403, 403, 403])
        change(ONLY_CLAUDE, [200, 200, 403, 403])
        change("", [200, 200, 200, 200])


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini-cli"])
def test_a_real_agent_stops_and_shows_the_text(governed, desk, agent):
    """One request, and the user reads which permission is missing on what."""
    _, gateway, _, _ = governed
    before = len(gateway.rows())
    result = say_hello(agent, desk, gateway)
    assert result.code != 0
    assert "lacks the permission CAN_QUERY on endpoint" in result.text
    refused = [row for row in gateway.rows(before + 1)[before:] if row["error_code"] == "permission_missing"]
    assert len(refused) == 1


@pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")
def test_the_official_sdk_reads_and_changes_permissions(tmp_path, provider):
    """Unchanged: an administrator names a manager, who lets a member in; refusals are the exceptions that scripts catch. Each is in force at once."""
    sdk = pytest.importorskip("databricks.sdk")
    from databricks.sdk.errors import InvalidState, NotFound, PermissionDenied
    from databricks.sdk.service.serving import ServingEndpointAccessControlRequest as Entry
    from databricks.sdk.service.serving import ServingEndpointPermissionLevel as Level

    of_file = GROUPS + f'[[grants]]\nprincipal = "staff"\nendpoint = "{GEMINI}"\n'
    with running(tmp_path / "gateway", provider, of_file) as gateway:
        root, manager, eve = administrator(gateway), user(gateway, "mia@example.com"), user(gateway, MEMBER)
        clients = {who.name: sdk.WorkspaceClient(host=who.url, token=who.token, auth_type="pat").serving_endpoints for who in (root, manager, eve)}
        provider.play(*[HELLO] * 3)
        assert ask(gateway, eve.token)[0] == 200

        clients["root"].set_permissions(CLAUDE, access_control_list=[Entry(user_name=manager.name, permission_level=Level.CAN_MANAGE)])
        assert [ask(gateway, who.token)[0] for who in (eve, manager)] == [403, 200]
        clients[manager.name].update_permissions(CLAUDE, access_control_list=[Entry(group_name="contractors", permission_level=Level.CAN_QUERY)])
        assert ask(gateway, eve.token)[0] == 200
        documented = json.loads(block("permissions-body", "docs/permissions.md").text)
        assert manager.ask("PATCH", f"/api/2.0/permissions/serving-endpoints/{CLAUDE}", documented)[0] == 200

        seen = clients[manager.name].get_permissions(CLAUDE)
        assert (seen.object_id, seen.object_type) == (f"/serving-endpoints/{CLAUDE}", "serving-endpoint")
        assert [(each.group_name or each.user_name, each.all_permissions[0].permission_level) for each in seen.access_control_list] == [
            ("contractors", Level.CAN_QUERY),
            (manager.name, Level.CAN_MANAGE),
            ("admins", Level.CAN_MANAGE),
        ]
        assert {level.permission_level for level in clients["root"].get_permission_levels(CLAUDE).permission_levels} == {
            Level.CAN_QUERY,
            Level.CAN_MANAGE,
        }
        with pytest.raises(PermissionDenied, match="lacks the permission CAN_MANAGE"):
            clients[MEMBER].get_permissions(CLAUDE)
        with pytest.raises(NotFound, match="Did you mean"):
            clients["root"].get_permissions("databricks-claude-opus-46x")
        with pytest.raises(InvalidState, match=r"declared at headgate\.toml:"):
            clients["root"].update_permissions(GEMINI, access_control_list=[Entry(group_name="staff", permission_level=Level.CAN_MANAGE)])
        clients["root"].set_permissions(CLAUDE)
        assert [ask(gateway, who.token)[0] for who in (eve, manager)] == [403, 403]


def test_an_endpoint_named_like_a_service_takes_privileges_of_the_catalog(tmp_path, provider):
    """USE CATALOG, USE SCHEMA and EXECUTE, live with each GRANT and REVOKE; a listing shows it when it may be asked."""
    service = Case("anthropic", "main.ai.coding")
    more = f'[[endpoints]]\nname = "{service.endpoint}"\ntargets = [{{ provider = "lab-anthropic", model = "claude-opus-4-6" }}]\n'
    with running(tmp_path / "gateway", provider, GROUPS) as gateway:
        gateway.config += more
        (gateway.folder / "headgate.toml").write_text(gateway.config, encoding="utf-8")
        root, eve = administrator(gateway), user(gateway, MEMBER)
        root.rows("CREATE SCHEMA main.ai")

        def answered():
            provider.play(HELLO)
            status, body = ask(gateway, eve.token, service)
            return 200 if status == 200 else f"{status} {body['error']['message'].partition(', which')[0]}"

        until(answered, f"403 User {MEMBER} lacks the privilege USE SCHEMA on schema main.ai")
        assert service.endpoint not in get(gateway, eve.token, LISTINGS["anthropic"])[1]
        use_catalog, use_schema, execute = block("service-grants", "docs/permissions.md").text.rstrip(";\n").split(";")
        root.rows(use_catalog)
        root.rows(use_schema)
        until(answered, f"403 User {MEMBER} lacks the privilege EXECUTE on model service main.ai.coding")
        root.rows(execute)
        until(answered, 200)
        assert service.endpoint in get(gateway, eve.token, LISTINGS["anthropic"])[1]
        root.rows("REVOKE EXECUTE ON MODEL SERVICE main.ai.coding FROM `contractors`")
        until(answered, f"403 User {MEMBER} lacks the privilege EXECUTE on model service main.ai.coding")
        root.rows("GRANT EXECUTE ON SCHEMA main.ai TO `contractors`")
        until(answered, 200)
        root.rows("REVOKE EXECUTE ON SCHEMA main.ai FROM `contractors`")
        until(answered, f"403 User {MEMBER} lacks the privilege EXECUTE on model service main.ai.coding")


class SdkGrants:
    """Databricks' SDK for privileges on model services, as one principal."""

    def __init__(self, asker):
        from databricks.sdk import WorkspaceClient

        self.api = WorkspaceClient(host=asker.url, token=asker.token, auth_type="pat").grants
        self.name = asker.name

    def change(self, name, *, kind="model_service", **changes):
        """`change("main.ai.x", staff="+EXECUTE")`, with `__` for what no keyword has; the privileges on it by principal after that."""
        from databricks.sdk.service.catalog import PermissionsChange, Privilege

        def of(words, sign):
            return [Privilege(word[1:]) for word in words.split() if word[0] == sign]

        told = [PermissionsChange(principal=who.replace("__", " "), add=of(words, "+"), remove=of(words, "-")) for who, words in changes.items()]
        found = self.api.update(kind, name, changes=told).privilege_assignments or []
        return {each.principal: [word.value for word in each.privileges] for each in found}

    def may(self, name):
        """Whether it may execute, as tools ask before they offer a model."""
        found = self.api.get_effective("model_service", name, principal=self.name).privilege_assignments or []
        return any(each.privilege.value == "EXECUTE" for one in found for each in one.privileges)


SDK_WARNINGS = pytest.mark.filterwarnings(
    "default::DeprecationWarning", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning"
)
CODING = {"name": "main.ai.coding", "targets": [{"provider": "lab-anthropic", "model": "claude-opus-4-6"}]}


@SDK_WARNINGS
def test_the_official_sdk_grants_execute_on_model_services(tmp_path, provider):
    """Unchanged, each change in force at once. What is granted ends with the endpoint, and is explained."""
    errors = pytest.importorskip("databricks.sdk.errors")
    coding = CODING["name"]
    with running(tmp_path / "gateway", provider, GROUPS) as gateway:
        root, eve, mia = administrator(gateway), user(gateway, MEMBER), user(gateway, "mia@example.com")
        owner, member, other = map(SdkGrants, (root, eve, mia))

        def asked(*askers):
            provider.play(*[HELLO] * len(askers))
            return [ask(gateway, who.token, Case("anthropic", coding))[0] for who in askers]

        root.rows("CREATE SCHEMA main.ai")
        assert root.ask("POST", "/api/2.0/headgate/endpoints", CODING)[0] == 200
        owner.change("main.ai", kind="schema", contractors="+USE_SCHEMA")
        with pytest.raises(errors.PermissionDenied, match="EXECUTE on Model service"):
            member.may(coding)
        assert asked(eve) == [403]
        assert owner.change(coding, contractors="+EXECUTE") == {"contractors": ["EXECUTE"]}
        assert (asked(eve, mia), member.may(coding)) == ([200, 403], True)
        with pytest.raises(errors.PermissionDenied):
            member.change(coding, **{mia.name: "+EXECUTE"})
        owner.change(coding, **{MEMBER: "+MANAGE"})
        owner.change("main.ai", kind="schema", **{mia.name: "+USE_SCHEMA"})
        member.change(coding, **{mia.name: "+EXECUTE"})
        assert (asked(mia), other.may(coding)) == ([200], True)
        assert eve.rows("SHOW MODEL SERVICES IN main.ai") == [["ai", "coding", "root"]]
        explained = root.ask("GET", f"/api/2.0/headgate/policy/explain?user={mia.name}&model={coding}")[1]
        assert explained["privileges"][-1] == {"privilege": "EXECUTE", "on": f"model service {coding}", "held": True}
        with pytest.raises(errors.NotFound, match=r"model service main\.ai\.codng cannot be found"):
            owner.change("main.ai.codng", contractors="+EXECUTE")

        assert eve.ask("DELETE", f"/api/2.1/unity-catalog/model-services/{coding}")[0] == 200
        with pytest.raises(errors.NotFound):
            owner.api.get("model_service", coding)
        assert root.ask("POST", "/api/2.0/headgate/endpoints", CODING)[0] == 200
        assert (asked(eve, mia), owner.api.get("model_service", coding).privilege_assignments) == ([403, 403], [])
        assert "has model services" in root.error("DROP SCHEMA main.ai CASCADE")


@SDK_WARNINGS
def test_the_official_sdk_grants_execute_on_endpoints_in_system_ai(tmp_path, provider):
    """Those that are in no schema: everybody has EXECUTE on an open one, until it is taken from `account users`; each change is in force at once."""
    errors = pytest.importorskip("databricks.sdk.errors")
    plain = f"system.ai.{CLAUDE}"
    with running(tmp_path / "gateway", provider, GROUPS) as gateway:
        root, eve, mia = administrator(gateway), user(gateway, MEMBER), user(gateway, "mia@example.com")
        owner, member, other = map(SdkGrants, (root, eve, mia))
        assert (member.may(plain), other.may(plain)) == (True, True)
        with pytest.raises(errors.PermissionDenied, match="CAN_MANAGE"):
            member.change(plain, **{MEMBER: "+MANAGE"})
        assert owner.change(plain, staff="+EXECUTE") == {"account users": ["EXECUTE"], "staff": ["EXECUTE"]}
        assert owner.change(plain, account__users="-EXECUTE") == {"staff": ["EXECUTE"]}
        provider.play(HELLO)
        assert [ask(gateway, who.token)[0] for who in (eve, mia)] == [200, 403]
        documented = json.loads(block("system-ai-body", "docs/permissions.md").text)
        assert root.ask("PATCH", f"{UNITY}/permissions/model_service/{plain}", documented)[0] == 200
        assert member.may(plain)
        with pytest.raises(errors.NotFound):
            other.may(plain)

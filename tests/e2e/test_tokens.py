"""Tokens in a running gateway: what each may be used for, from where, and until when."""

import json
import urllib.error
import urllib.request

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, Asking
from tests.e2e.lab import headgate, lab_provider, running, until
from tests.fakes.turns import say

OTLP = "/api/2.0/otel/v1/logs"
ME = "/api/2.0/preview/scim/v2/Me"
CATALOGS = "/api/2.1/unity-catalog/catalogs"
NO_MODELS = '{"data":[],"has_more":false,"first_id":null,"last_id":null}'
STATEMENTS = "/api/2.0/sql/statements"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway before a scripted provider."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("tokens"), provider) as started:
        started.provider = provider
        yield started
        provider.check()


def command(gateway, *arguments):
    """A command about tokens, with its JSON."""
    return json.loads(headgate("token", *arguments, "--json", "--data", gateway.data))


def status(gateway, token, method, path, body=b""):
    """What one request is answered, and its body."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "x-databricks-uc-table-name": "main.default.x_otel_logs"}
    asked = urllib.request.Request(gateway.url + path, body or None, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def ask(gateway, case, token):
    """The status of one generation, which is answered where it gets through, and its body."""
    gateway.provider.play(say("Hello."))
    with Asking(gateway.url, token, case.path(), case.body()) as answer:
        return answer.status, answer.rest().decode()


@pytest.mark.parametrize("scope", ["inference", "telemetry", "sql", "admin"])
def test_a_scope_opens_its_own_routes_alone(gateway, scope):
    """Models, telemetry and SQL each need their scope, in the words of each API; who one is, every token may ask."""
    token = command(gateway, "create", f"only {scope}", "--user", "ada", "--scope", scope)["token"]
    export = b'{"resourceLogs":[]}'
    allowed = {
        "inference": ask(gateway, ANTHROPIC, token)[0] == 200,
        "telemetry": status(gateway, token, "POST", OTLP, export)[0] != 403,
        "sql": status(gateway, token, "GET", CATALOGS)[0] == 200,
    }
    assert allowed == {name: name == scope for name in allowed}
    assert status(gateway, token, "GET", ME)[0] == 200
    refusals = {
        "inference": ask(gateway, ANTHROPIC, token),
        "telemetry": status(gateway, token, "POST", OTLP, export),
        "sql": status(gateway, token, "POST", STATEMENTS, b'{"statement":"SELECT 1","warehouse_id":"w"}'),
    }
    for name in refusals.keys() - {scope}:
        code, body = refusals[name]
        assert code == 403
        assert name in body


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
def test_a_network_is_needed_in_every_dialect(gateway, case):
    """403 in the agent's format, with the address that was seen; from an allowed network the same token works."""
    here = command(gateway, "create", f"here {case.dialect}", "--network", "127.0.0.0/8", "--network", "::1")["token"]
    elsewhere = command(gateway, "create", f"there {case.dialect}", "--network", "192.0.2.0/24")["token"]
    assert ask(gateway, case, here)[0] == 200
    code, body = ask(gateway, case, elsewhere)
    assert code == 403
    assert "may not be used from 127.0.0.1" in body
    for method, path in (("GET", ME), ("GET", CATALOGS), ("POST", OTLP), ("GET", "/anthropic/v1/models")):
        assert status(gateway, elsewhere, method, path)[0] == 403


def test_a_change_is_in_force_within_two_seconds(gateway):
    """Taken scopes, other networks and a revocation, for a token that is in use."""
    made = command(gateway, "create", "changing")

    def look():
        return status(gateway, made["token"], "GET", "/anthropic/v1/models")[0]

    assert look() == 200
    command(gateway, "update", "changing", "--network", "192.0.2.1")
    until(look, 403)
    command(gateway, "update", "changing", "--anywhere")
    until(look, 200)
    command(gateway, "update", "changing", "--scope", "sql")
    until(look, 403)
    command(gateway, "revoke", "changing")
    until(look, 401)


def test_rotation_overlaps(gateway):
    """Both secrets work, with the same rights; without an overlap the old one ends."""
    old = command(gateway, "create", "ci", "--allow", "none-*")
    new = command(gateway, "rotate", "ci", "--overlap", "1h")
    assert new["replaces"]["token_id"] == old["token_id"]
    for made in (old, new):
        assert status(gateway, made["token"], "GET", "/anthropic/v1/models") == (200, NO_MODELS)
    last = command(gateway, "rotate", "ci", "--overlap", "0h")
    until(lambda: status(gateway, new["token"], "GET", ME)[0], 401)
    assert status(gateway, last["token"], "GET", ME)[0] == 200


@pytest.fixture
def sdk():
    """Makes Databricks' SDK with a token."""
    return pytest.importorskip("databricks.sdk").WorkspaceClient


@pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")
def test_databricks_sdk_makes_its_own_tokens(gateway, sdk):
    """Its calls run unchanged: made, listed, changed, used, revoked; refusals become the exceptions that scripts catch."""
    from databricks.sdk.common.types.fieldmask import FieldMask
    from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, Unauthenticated
    from databricks.sdk.service.settings import PublicTokenInfo

    mine = command(gateway, "create", "sdk", "--user", "sally", "--scope", "inference", "--scope", "sql", "--expires", "2")
    client = sdk(host=gateway.url, token=mine["token"], auth_type="pat")
    made = client.tokens.create(comment="child", lifetime_seconds=3_600, scopes=["sql"])
    assert (made.token_info.comment, made.token_info.scopes) == ("child", ["sql"])
    assert made.token_info.expiry_time - made.token_info.creation_time == 3_600_000
    assert {each.comment for each in client.tokens.list()} == {"sdk", "child"}
    child = sdk(host=gateway.url, token=made.token_value, auth_type="pat")
    assert child.current_user.me().user_name == "sally"
    child_id = made.token_info.token_id
    client.tokens.update(child_id, PublicTokenInfo(comment="renamed"), FieldMask(field_mask=["comment"]))
    assert {each.comment for each in client.tokens.list()} == {"sdk", "renamed"}
    with pytest.raises(PermissionDenied, match="cannot give more"):
        child.tokens.create(scopes=["inference"])
    with pytest.raises(PermissionDenied, match="scope `admin`"):
        list(client.token_management.list())
    with pytest.raises(BadRequest, match="at least 1"):
        client.tokens.create(lifetime_seconds=0)
    client.tokens.delete(child_id)
    with pytest.raises(Unauthenticated):
        child.current_user.me()
    with pytest.raises(NotFound):
        client.tokens.delete(child_id)


@pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")
def test_databricks_sdk_manages_all_tokens(gateway, sdk):
    """As an administrator: on behalf of a service principal, listed by user, found and revoked."""
    from databricks.sdk.common.types.fieldmask import FieldMask
    from databricks.sdk.errors import NotFound
    from databricks.sdk.service.settings import TokenInfo

    root = command(gateway, "create", "root", "--user", "rita", "--admin")
    client = sdk(host=gateway.url, token=root["token"], auth_type="pat")
    bot = json.loads(headgate("service-principal", "create", "bot", "--json", "--data", gateway.data))
    made = client.token_management.create_obo_token(bot["id"], comment="deploys", lifetime_seconds=60, scopes=["inference"])
    token_id = made.token_info.token_id
    assert made.token_info.created_by_username == "rita"
    assert ask(gateway, ANTHROPIC, made.token_value)[0] == 200
    assert client.token_management.get(token_id).token_info.comment == "deploys"
    assert {each.token_id for each in client.token_management.list(created_by_username="bot")} == {token_id}
    changed = client.token_management.update_token_management(token_id, TokenInfo(comment="later"), FieldMask(field_mask=["comment"]))
    assert changed.comment == "later"
    client.token_management.delete(token_id)
    assert ask(gateway, ANTHROPIC, made.token_value)[0] == 401
    with pytest.raises(NotFound):
        client.token_management.get("tok_nobody")


def test_the_last_use_is_written_at_the_end_too(tmp_path):
    """Without a change of the state's version."""
    with lab_provider() as provider, running(tmp_path / "gateway", provider) as gateway:
        assert status(gateway, gateway.token, "GET", "/anthropic/v1/models")[0] == 200
        assert command(gateway, "show", gateway.token_id)["last_used_at"] is None
        gateway.stop()
        assert command(gateway, "show", gateway.token_id)["last_used_at"]

"""Who may call which route: every row of the route tables asked as every kind of caller, and the objects of one user asked for by others.

The rows are those that the process serves, so a new route is in here without being named.
"""

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass

import pytest

from headgate.app.control import Control
from headgate.app.options import UpOptions
from headgate.app.workspace_api import WorkspaceApi
from headgate.core.clock import SystemClock
from headgate.core.scopes import ADMIN, ANY, INFERENCE, PUBLIC, SCOPES, SQL, TELEMETRY
from headgate.web.api.budgets import budget_routes
from headgate.web.api.policy import policy_routes
from headgate.web.authenticator import Authenticator
from headgate.web.guesses import Guesses
from headgate.web.otlp import PREFIX as OTLP
from headgate.web.routes import GATEWAY_ROUTES
from tests.e2e.lab import headgate, lab_provider, running

EVERY = tuple(sorted(SCOPES))
ROLES = {"owner": "account_admin", "member": "member", "viewer": "viewer", "second": "admin"}
NARROW = {"inferring": INFERENCE, "exporting": TELEMETRY, "querying": SQL, "administering": ADMIN}
OUT = ("nobody", "revoked", "expired", "inactive")
SIGNED = "/result/arrow/"  # these links bear the right to follow them, and an absent statement has none
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


@dataclass
class House:
    """A gateway with a caller of every kind."""

    url: str
    tokens: dict[str, str]
    scopes: dict[str, frozenset[str]]

    def ask(self, who: str, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Status and body."""
        headers = {"content-type": "application/json", "x-databricks-uc-table-name": "main.default.absent"}
        if self.tokens.get(who):
            headers["authorization"] = f"Bearer {self.tokens[who]}"
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")


def made(gateway, *arguments):
    """What a command answers."""
    return json.loads(headgate(*arguments, "--json", "--data", gateway.data))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Users of every role with a token for everything, tokens for one scope, and tokens that are good for nothing."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("house"), provider) as gateway:
        tokens, scopes = {}, {}

        def token(name, user, granted, *more):
            wanted = [word for scope in granted for word in ("--scope", scope)]
            created = made(gateway, "token", "create", name, "--user", user, *wanted, *more)
            tokens[name] = created["token"]
            return created["token_id"]

        for name, role in ROLES.items():
            token(name, name, EVERY)  # the command makes its user an account administrator
            if role != "account_admin":
                made(gateway, "role", "take", "account_admin", name)
            if role in {"viewer", "admin"}:
                made(gateway, "role", "give", role, name)
            scopes[name] = SCOPES if role in {"admin", "account_admin"} else SCOPES - {ADMIN}
        for name, scope in NARROW.items():
            token(name, "owner", (scope,))
            scopes[name] = frozenset({scope})
        headgate("token", "revoke", token("revoked", "owner", EVERY), "--data", gateway.data)
        token("inactive", "away", EVERY)
        headgate("user", "deactivate", "away", "--data", gateway.data)
        tokens["nobody"] = ""
        tokens["expired"] = "hg_" + tokens["owner"][3:-6] + "000000"
        yield House(gateway.url, tokens, scopes | dict.fromkeys(OUT, frozenset()))


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Every row: method, path, scope."""
    clock = SystemClock()
    environ = {"HOME": "/nonexistent", "HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
    control = Control(UpOptions(data_dir=str(tmp_path_factory.mktemp("routes") / "data")), environ, clock)
    authenticator = Authenticator(control.snapshot, control.store.refresh, control.store.pepper, clock, Guesses(clock), {})
    more = (*budget_routes(lambda _principal: ()), *policy_routes(lambda _asked: {}))
    api = WorkspaceApi(control, clock).routes(authenticator, more)
    found = [(route.method, route.path, route.access) for route in (*api, *GATEWAY_ROUTES)]
    control.close()
    return [*found, *(("POST", f"{OTLP}v1/{signal}", TELEMETRY) for signal in ("metrics", "logs", "traces"))]


def filled(path: str) -> str:
    """The path, of an object that does not exist."""
    return PLACEHOLDER.sub("absent", path)


def test_every_row_as_every_caller(house, rows):
    """Without the scope nothing happens, with it the row answers for itself; a public row answers everyone."""
    assert len(rows) > 140
    wrong = []
    for method, path, access in rows:
        for who, scopes in house.scopes.items():
            status, body = house.ask(who, method, filled(path), {} if method in {"POST", "PUT", "PATCH"} else None)
            if access == PUBLIC:
                right = status == 403 if SIGNED in path else status not in {401, 403}
            elif who in OUT:
                right = status in {401, 403}
            elif access != ANY and access not in scopes:
                right = status == 403
            else:
                right = status != 401 and (access == ANY or "lacks the scope" not in body)
            if not right or (status >= 500 and status != 501):
                wrong.append((method, path, access, who, status, body[:120]))
    assert not wrong, "\n".join(map(str, wrong))


def test_nothing_was_changed_by_those_without_a_scope(house):
    """The users and the objects are those that were made."""
    users = {each["userName"] for each in json.loads(house.ask("owner", "GET", "/api/2.0/preview/scim/v2/Users")[1])["Resources"]}
    assert set(ROLES) <= users
    for kind in ("endpoints", "limits", "budgets", "grants"):
        status, body = house.ask("owner", "GET", f"/api/2.0/headgate/{kind}")
        assert status == 200
        assert "absent" not in body


def test_objects_of_another_user(house):
    """A token is its owner's and the administrators', a statement its owner's alone, budgets and explanations one's own."""
    token_id = json.loads(house.ask("member", "POST", "/api/2.0/token/create", {"comment": "mine"})[1])["token_info"]["token_id"]
    statement = json.loads(house.ask("member", "POST", "/api/2.0/sql/statements", {"statement": "SELECT 1", "wait_timeout": "30s"})[1])[
        "statement_id"
    ]
    group = json.loads(house.ask("owner", "POST", "/api/2.0/preview/scim/v2/Groups", {"displayName": "staff"})[1])["id"]
    limit = json.loads(house.ask("second", "POST", "/api/2.0/headgate/limits", {"key": "agent", "per": "day", "requests": 1000000})[1])
    cases = [
        # method, path, body, caller -> status
        ("GET", f"/api/2.0/sql/statements/{statement}", None, {"member": {200}, "viewer": {403, 404}, "second": {403, 404}}),
        ("POST", f"/api/2.0/sql/statements/{statement}/cancel", {}, {"viewer": {403, 404}}),
        ("PATCH", f"/api/2.0/token/{token_id}", {"token": {"comment": "theirs"}, "update_mask": "comment"}, {"viewer": {403, 404}}),
        ("POST", "/api/2.0/token/delete", {"token_id": token_id}, {"viewer": {403, 404}}),
        ("GET", f"/api/2.0/token-management/tokens/{token_id}", None, {"member": {403}, "viewer": {403}, "second": {200}}),
        ("DELETE", f"/api/2.0/token-management/tokens/{token_id}", None, {"member": {403}, "viewer": {403}, "second": {200}}),
        ("GET", f"/api/2.0/preview/scim/v2/Groups/{group}", None, {"second": {200}}),
        ("DELETE", f"/api/2.0/preview/scim/v2/Groups/{group}", None, {"member": {403}, "viewer": {403}}),
        ("PATCH", f"/api/2.0/preview/scim/v2/Groups/{group}", {"Operations": []}, {"member": {403}, "viewer": {403}}),
        ("POST", "/api/2.0/preview/scim/v2/Users", {"userName": "eve"}, {"member": {403}, "viewer": {403}}),
        ("PATCH", f"/api/2.0/headgate/limits/{limit['id']}", {"requests": 5}, {"member": {403}, "viewer": {403}}),
        ("DELETE", f"/api/2.0/headgate/limits/{limit['id']}", None, {"member": {403}, "viewer": {403}, "second": {200}}),
        ("POST", "/api/2.0/headgate/endpoints", {"name": "x", "targets": [{"provider": "lab"}]}, {"member": {403}, "viewer": {403}}),
        ("GET", "/api/2.0/headgate/policy/explain?user=member&model=x", None, {"member": {200}, "viewer": {403}, "second": {200}}),
        ("GET", "/api/2.0/headgate/budgets/usage", None, {"member": {403}, "viewer": {403}, "second": {200}}),
    ]  # fmt: skip
    wrong = [
        (method, path, who, status, text[:160])
        for method, path, body, expected in cases
        for who, allowed in expected.items()
        for status, text in (house.ask(who, method, path, body),)
        if status not in allowed
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_only_account_administrators_make_administrators(house):
    """An administrator can neither raise anybody nor make a token for more than it holds."""
    roles = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "roles", "value": [{"value": "account_admin"}]}],
    }
    member = next(
        each["id"] for each in json.loads(house.ask("owner", "GET", "/api/2.0/preview/scim/v2/Users")[1])["Resources"] if each["userName"] == "member"
    )
    assert house.ask("second", "PATCH", f"/api/2.0/preview/scim/v2/Users/{member}", roles)[0] == 403
    status, body = house.ask("inferring", "POST", "/api/2.0/token/create", {"comment": "more", "scopes": ["admin"]})
    assert status in {400, 403}, body

"""The tokens of a gateway that runs elsewhere."""

from contextlib import ExitStack

import pytest

from headgate.admin.token_ports import TokenChange
from headgate.admin.token_request import TokenRequest
from headgate.cli.gateway import RemoteGateway
from headgate.cli.logins import Login, LoginFile, read_logins, write_logins
from headgate.cli.remote_tokens import RemoteTokens
from headgate.core.errors import BadRequest, NotFound
from headgate.core.secret import Secret
from tests.unit.cli.answering import ME, answering

INFO = {"token_id": "tok_1", "comment": "laptop", "creation_time": 1_700_000_000_000, "expiry_time": -1, "scopes": ["inference"], "endpoints": ["*"],
        "networks": ["10.0.0.0/8"], "last_accessed_time": None, "last4": "g5Je"}  # fmt: skip
FULL = INFO | {"principal_id": "usr_ben", "owner_name": "ben", "created_by_username": "root"}
ADMINISTRATOR = ME | {"token": ME["token"] | {"scopes": ["admin", "inference"]}}
CREATED = {"token_value": "hg_new", "token_info": INFO | {"token_id": "tok_2"}}


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Tokens of a gateway that answers so; what it was asked is in `asked`, without the first question."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with ExitStack() as opened:

        def start(answers, me=ME):
            url, asked = opened.enter_context(answering({"/api/2.0/headgate/me": me} | answers))
            tokens = RemoteTokens(RemoteGateway(url=url, token=Secret("hg_old")))
            asked.clear()
            return tokens, asked, url

        yield start


def test_a_member_makes_their_own(elsewhere):
    """What the request leaves open is left to the gateway; the name of the caller is no other principal."""
    tokens, asked, _ = elsewhere({"POST /api/2.0/token/create": CREATED})
    made = tokens.create(TokenRequest(name="ci", user="ada@example.com", scopes=("sql",), lifetime_s=60))
    assert (made.token, made.row.id, made.row.principal.name) == ("hg_new", "tok_2", "ada@example.com")
    assert asked[0]["body"] == {"comment": "ci", "lifetime_seconds": 60, "scopes": ["sql"]}


def test_an_administrator_makes_any(elsewhere):
    """For a user or a service principal."""
    tokens, asked, _ = elsewhere({"POST /api/2.0/token-management/on-behalf-of/tokens": {"token_value": "hg_new", "token_info": FULL}}, ADMINISTRATOR)
    assert tokens.create(TokenRequest(name="ci", user="ben")).row.principal.name == "ben"
    tokens.create(TokenRequest(name="ci", service_principal="bot"))
    assert [each["body"] for each in asked] == [{"comment": "ci", "user_name": "ben"}, {"comment": "ci", "application_id": "bot"}]


def test_the_lists(elsewhere):
    """A member's own, an administrator's of everyone; each with what the store would say."""
    (row,) = elsewhere({"/api/2.0/token/list": {"token_infos": [INFO]}})[0].list()
    assert (row.principal.name, row.last4, row.expires_at_ms, row.last_used_at_ms, row.created_by) == ("ada@example.com", "g5Je", 0, 0, "")
    (row,) = elsewhere({"/api/2.0/token-management/tokens": {"token_infos": [FULL]}}, ADMINISTRATOR)[0].list()
    assert (row.principal.name, row.created_by, row.networks) == ("ben", "root", ("10.0.0.0/8",))


def test_which_one(elsewhere):
    """By its id, or by a name that only one live token has."""
    ended = INFO | {"token_id": "tok_0", "expiry_time": 1}
    tokens, _, _ = elsewhere({"/api/2.0/token/list": {"token_infos": [ended, INFO, INFO | {"token_id": "tok_3", "comment": "ci"}]}})
    assert [tokens.get(which).id for which in ("laptop", "tok_3", "tok_0")] == ["tok_1", "tok_3", "tok_0"]
    with pytest.raises(NotFound, match="No live token has the id or name 'x'"):
        tokens.get("x")
    twice, _, _ = elsewhere({"/api/2.0/token/list": {"token_infos": [INFO, INFO | {"token_id": "tok_3"}]}})
    with pytest.raises(BadRequest, match="2 tokens are named 'laptop'; choose one by its id: tok_1, tok_3"):
        twice.get("laptop")


def test_changing(elsewhere):
    """Names what is changed, and nothing else."""
    answers = {"/api/2.0/token/list": {"token_infos": [INFO]}, "PATCH /api/2.0/token/tok_1": INFO}
    tokens, asked, _ = elsewhere(answers)
    assert tokens.change("laptop", TokenChange(name="big", networks=())).id == "tok_1"
    assert asked[1]["body"] == {"token": {"comment": "big", "networks": []}, "update_mask": "comment,networks"}
    answers = {"/api/2.0/token-management/tokens": {"token_infos": [FULL]}, "PATCH /api/2.0/token-management/tokens/tok_1": FULL}
    tokens, asked, _ = elsewhere(answers, ADMINISTRATOR)
    tokens.change("tok_1", TokenChange(scopes=("sql",)))
    assert asked[1]["body"]["update_mask"] == "scopes"


def test_revoking(elsewhere):
    """By the call that the caller may make."""
    tokens, asked, _ = elsewhere({"/api/2.0/token/list": {"token_infos": [INFO]}, "POST /api/2.0/token/delete": {}})
    assert tokens.revoke("laptop").id == "tok_1"
    assert asked[1]["body"] == {"token_id": "tok_1"}
    answers = {"/api/2.0/token-management/tokens": {"token_infos": [FULL]}, "DELETE /api/2.0/token-management/tokens/tok_1": {}}
    tokens, asked, _ = elsewhere(answers, ADMINISTRATOR)
    tokens.revoke("laptop")
    assert asked[1]["method"] == "DELETE"


def test_the_logins_own_token(elsewhere, capsys):
    """Is replaced in the login when it is rotated; that of another is not."""
    answers = {
        "/api/2.0/token/list": {"token_infos": [INFO, INFO | {"token_id": "tok_9", "comment": "ci"}]},
        "POST /api/2.0/token/tok_1/rotate": CREATED,
        "POST /api/2.0/token/tok_9/rotate": CREATED,
    }
    tokens, asked, url = elsewhere(answers)
    write_logins(LoginFile().with_login(Login(url=url, principal="ada", token_id="tok_1", secret=Secret("hg_old"))))
    tokens.rotate("ci", 60)
    assert read_logins().find().secret.reveal() == "hg_old"
    assert tokens.rotate("laptop", 60).token == "hg_new"
    assert read_logins().find().secret.reveal() == "hg_new"
    assert asked[-1]["authorization"] == "Bearer hg_new"
    assert "uses the new token" in capsys.readouterr().err

"""What a token allows."""

import pytest

from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Endpoint
from headgate.core.endpoint_grant import CAN_MANAGE, EndpointGrant
from headgate.core.errors import Forbidden
from headgate.core.model_names import only_itself
from headgate.core.principal import Principal
from headgate.core.principal_name import principal_name
from headgate.policy.permissions import CatalogService, Holders, Need, PermissionTable
from headgate.policy.permit import allowed_names, permit, require_manage, require_scope


def token(*endpoints: str, scopes: frozenset[str] = frozenset({"inference"})) -> AccessToken:
    ada = Principal(id="usr_1", name="ada@example.com", scopes=scopes)
    return AccessToken(id="tok_1", name="ada's laptop", principal=ada, endpoints=endpoints)


def test_permitted():
    """A pattern of the token stands for the endpoint."""
    permit(token("*"), Endpoint(name="gpt-5.2", targets=()), None, only_itself)
    permit(token("gemini-*", "claude-*"), Endpoint(name="claude-opus-4-6", targets=()), None, only_itself)


def test_not_permitted():
    """The refusal names the endpoint, what the token allows, and whom to ask."""
    with pytest.raises(Forbidden) as caught:
        permit(token("claude-*"), Endpoint(name="gpt-5.2", targets=()), None, only_itself)
    assert caught.value.status == 403
    for words in ("gpt-5.2", "claude-*", "ada's laptop", "administrator"):
        assert words in caught.value.message


def test_a_token_that_allows_nothing_or_much():
    """No pattern allows nothing; a long list is cut in the message."""
    with pytest.raises(Forbidden, match="allows no endpoint"):
        permit(token(), Endpoint(name="gpt-5.2", targets=()), None, only_itself)
    with pytest.raises(Forbidden, match="and 12 more"):
        permit(token(*(f"m{number}" for number in range(20))), Endpoint(name="gpt-5.2", targets=()), None, only_itself)


GRANTS = (
    EndpointGrant(principal_name("contractors"), "gpt-*"),
    EndpointGrant(principal_name("platform"), "gpt-5.2", CAN_MANAGE),
    EndpointGrant(principal_name("search"), "*", CAN_MANAGE),
)
TABLE = PermissionTable(GRANTS, frozenset({"contractors", "platform", "search"}))


def member(*groups: str, kind: str = "USER", endpoints: tuple[str, ...] = ("*",)) -> AccessToken:
    """A token of a principal in these groups."""
    principal = Principal(id="p_1", name="eve", kind=kind, groups=frozenset(groups), scopes=frozenset({"inference"}))
    return AccessToken(id="tok_2", name="eve's laptop", principal=principal, endpoints=endpoints)


def test_a_permission_is_needed_too():
    """The token's patterns and the principal's grants must both allow the endpoint."""
    gpt = Endpoint(name="gpt-5.2", targets=())
    permit(member("contractors"), gpt, TABLE, only_itself)
    permit(member("platform"), gpt, TABLE, only_itself)
    with pytest.raises(Forbidden) as caught:
        permit(member("contractors", endpoints=("claude-*",)), gpt, TABLE, only_itself)
    assert caught.value.code == "endpoint_not_allowed"
    with pytest.raises(Forbidden) as caught:
        permit(member("clients"), gpt, TABLE, only_itself)
    assert (caught.value.code, caught.value.status) == ("permission_missing", 403)
    assert caught.value.message == (
        "User eve lacks the permission CAN_QUERY on endpoint gpt-5.2. Ask a member of platform or search, who manage it, or your Headgate administrator for it, "
        "or choose a model that the model listing shows."
    )
    with pytest.raises(
        Forbidden, match=r"Service principal eve lacks the permission CAN_QUERY on endpoint gpt-5\.2\. Ask your Headgate administrator for it"
    ):
        permit(member(kind="SERVICE_PRINCIPAL"), gpt, PermissionTable(GRANTS[:1], frozenset({"contractors"})), only_itself)


def test_what_a_listing_shows():
    """The same decision for each name."""
    names = ["gpt-5.2", "gpt-5", "claude-opus-4-6"]
    for token_, table, expected in (
        (member(), None, names),
        (member(endpoints=("gpt-*",)), None, names[:2]),
        (member(), TABLE, []),
        (member("contractors"), TABLE, names[:2]),
        (member("contractors", endpoints=("gpt-5",)), TABLE, ["gpt-5"]),
        (member("search"), TABLE, names),
    ):
        assert list(filter(allowed_names(token_, table, only_itself), names)) == expected


def test_scopes():
    """A scope is held or it is not; `admin` alone may not ask models."""
    require_scope(token(scopes=frozenset({"admin"})).principal, "admin")
    with pytest.raises(Forbidden, match="lacks the scope admin; it has inference"):
        require_scope(token().principal, "admin")
    with pytest.raises(Forbidden, match="lacks the scope inference"):
        require_scope(token(scopes=frozenset({"admin"})).principal, "inference")
    with pytest.raises(Forbidden, match="it has nothing"):
        require_scope(token(scopes=frozenset()).principal, "admin")


def test_a_missing_privilege_of_the_catalog_is_named():
    """With its place: that is what an owner can grant."""
    none = Holders(frozenset(), frozenset(), frozenset())
    service = CatalogService(
        (Need("USE CATALOG", "catalog main", none),), Need("EXECUTE", "schema main.ai", none), Need("MANAGE", "schema main.ai", none)
    )
    with pytest.raises(Forbidden, match=r"User eve lacks the privilege USE CATALOG on catalog main, which endpoint main\.ai\.x takes\. Ask your"):
        permit(member(), Endpoint(name="main.ai.x", targets=()), PermissionTable((), services=lambda _: service), only_itself)


def test_managing():
    """Where nothing is granted only administrators manage; the refusal names what is missing."""
    root = Principal(id="r", name="root", scopes=frozenset({"admin"}))
    require_manage(root, "gpt-5.2", None)
    require_manage(member("platform").principal, "gpt-5.2", TABLE)
    with pytest.raises(Forbidden, match=r"User eve lacks the permission CAN_MANAGE on endpoint gpt-5\.2\. Ask your Headgate administrator for it\."):
        require_manage(member("platform").principal, "gpt-5.2", None)
    with pytest.raises(Forbidden, match="Ask a member of platform or search, who manage it, or your Headgate administrator for it"):
        require_manage(member("contractors").principal, "gpt-5.2", TABLE)


def test_either_name_of_an_endpoint_is_allowed():
    """A token that is for the `databricks-` name may use the model under both, and a listing shows it."""
    both = {"gpt-5.2": ("gpt-5.2", "databricks-gpt-5-2")}.__getitem__
    permit(token("databricks-gpt-*"), Endpoint(name="gpt-5.2", targets=()), None, both)
    assert allowed_names(token("databricks-gpt-*"), None, both)("gpt-5.2")

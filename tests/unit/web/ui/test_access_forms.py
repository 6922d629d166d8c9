"""What the forms of access ask for."""

import pytest

from headgate.admin.principals import NewPrincipal, PrincipalChange
from headgate.admin.token_request import TokenRequest
from headgate.core.errors import BadRequest
from headgate.web.ui.access_forms import changed_roles, new_principal, overlap_s, token_request, words
from headgate.web.ui.fields import Fields


def test_a_principal_and_its_roles() -> None:
    """Spaces around what was typed are no part of it; members are between commas and on lines."""
    form = Fields.parse("name=+core+&display_name=The+core&role=viewer&members=ada,+ben%0Aci+bot")
    assert new_principal("GROUP", form) == NewPrincipal(
        name="core", kind="GROUP", display_name="The core", roles=("viewer",), members=("ada", "ben", "ci bot")
    )
    assert changed_roles(Fields.parse("role=admin&seen_at_ms=17")) == PrincipalChange(roles=("admin",), seen_at_ms=17)
    assert changed_roles(Fields.parse("seen_at_ms=x")) == PrincipalChange(roles=())
    assert words(" , \n") == ()


def test_a_token() -> None:
    """For oneself, a user or a service principal; by days."""
    form = "name=ci&scope=sql&scope=inference&days=7&endpoints=gpt-*,+claude-*&networks=10.0.0.0/8"
    asked = TokenRequest(name="ci", scopes=("sql", "inference"), endpoints=("gpt-*", "claude-*"), networks=("10.0.0.0/8",), lifetime_s=7 * 86_400)
    assert token_request(Fields.parse(form)) == asked
    assert token_request(Fields.parse(form + "&holder=ada&holder_kind=USER")).user == "ada"
    assert token_request(Fields.parse(form + "&holder=ci&holder_kind=SERVICE_PRINCIPAL")).service_principal == "ci"


@pytest.mark.parametrize(
    "form", ["name=x", "name=x&scope=sql&days=-1", "name=x&scope=sql&days=9999999999", "scope=sql&holder_kind=SERVICE_PRINCIPAL"]
)
def test_what_a_form_gets_wrong(form) -> None:
    """No scope, no number, no service principal."""
    with pytest.raises(BadRequest):
        token_request(Fields.parse(form))


def test_an_overlap() -> None:
    """In seconds; none where nothing is chosen."""
    assert (overlap_s(Fields.parse("overlap=600")), overlap_s(Fields.parse(""))) == (600, 0)

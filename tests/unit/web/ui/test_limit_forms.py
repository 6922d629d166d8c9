"""Limits and budgets as forms write them."""

import pytest

from headgate.core.errors import BadRequest
from headgate.web.ui.fields import Fields
from headgate.web.ui.limit_forms import budget_document, form_values, limit_document


def test_a_limit() -> None:
    """What is empty is not stated; numbers may be grouped."""
    form = Fields.parse("key=user&principal=ada+&endpoint=&per=day&requests=1,000&tokens=&hard=yes")
    document = {"key": "user", "principal": "ada", "per": "day", "requests": 1000, "hard": True}
    assert limit_document(form) == document
    assert form_values("limit", document) == {"key": "user", "principal": "ada", "per": "day", "requests": "1000", "hard": "yes"}


def test_a_budget_and_back() -> None:
    """The fields of a form for a document make the same document again."""
    document = {
        "name": "team",
        "scope": "per_user",
        "per": "month",
        "group": "staff",
        "usd": 50.5,
        "request_tag": {"team": "search"},
        "overrides": {"ada = 2": 100.0},
        "session": True,
        "actions": [{"percent": 80.0, "do": "warn"}, {"percent": 90.0, "do": "downgrade", "to": "haiku"}, {"percent": 100.0, "do": "block"}],
    }
    values = form_values("budget", document)
    assert (values["overrides"], values["warn"], values["holder_kind"], values["holder"]) == ("ada = 2 = 100", "80", "group", "staff")
    assert budget_document(Fields(list(values.items()))) == document
    assert form_values("budget", {"name": "x"})["block"] == "100"
    assert budget_document(Fields.parse("name=x&warn=50,80"))["actions"] == [{"percent": 50.0, "do": "warn"}, {"percent": 80.0, "do": "warn"}]


@pytest.mark.parametrize("form", ["requests=many", "requests=-1", "tokens=1e5"])
def test_what_is_no_limit(form) -> None:
    """It says which field."""
    with pytest.raises(BadRequest, match=f"{form.partition('=')[0]}: "):
        limit_document(Fields.parse(form))


@pytest.mark.parametrize("form", ["usd=much", "usd=-5", "usd=nan", "holder=ada", "holder_kind=user", "overrides=ada", "warn=soon", "block=inf"])
def test_what_is_no_budget(form) -> None:
    """Neither an amount nor a holder without a kind."""
    with pytest.raises(BadRequest):
        budget_document(Fields.parse(form))

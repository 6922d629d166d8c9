"""Model listings for clients of Anthropic."""

import json

import pytest

from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.models import listing, one

MODELS = [Endpoint(name, ()) for name in ("a", "b", "c", "d[1m]")] + [Endpoint("alias", (), listed=False)]


def page(**query):
    """Ids, whether there are more, and the ends of a page."""
    body = json.loads(listing(MODELS, query))
    return [model["id"] for model in body["data"]], body["has_more"], body["first_id"], body["last_id"]


def test_a_model_is_described():
    """In the API's own words; a name is its own display name."""
    assert json.loads(one(Endpoint("a", (), "A name"))) == {
        "type": "model",
        "id": "a",
        "display_name": "A name",
        "created_at": "1970-01-01T00:00:00Z",
    }
    assert json.loads(one(Endpoint("a", ())))["display_name"] == "a"


def test_all_are_listed_once():
    """Aliases answer but are not listed; Claude Code asks for a thousand."""
    assert page(limit="1000") == (["a", "b", "c", "d[1m]"], False, "a", "d[1m]")


def test_pages_go_forth_and_back():
    """By the ids of their ends, percent-coded or not."""
    assert page(limit="2") == (["a", "b"], True, "a", "b")
    assert page(limit="2", after_id="b") == (["c", "d[1m]"], False, "c", "d[1m]")
    assert page(limit="2", before_id="d%5B1m%5D") == (["b", "c"], True, "b", "c")
    assert page(limit="5", before_id="c") == (["a", "b"], False, "a", "b")
    assert page(before_id="a") == ([], False, None, None)


def test_twenty_are_a_page():
    """Where no limit is asked for."""
    many = [Endpoint(f"m{number}", ()) for number in range(30)]

    assert len(json.loads(listing(many, {}))["data"]) == 20


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "1001"}, {"limit": "-1"}, {"limit": "x"}, {"limit": "²"}, {"after_id": "nobody"}, {"before_id": "alias"}]
)
def test_odd_pages_are_refused(query):
    """Never guessed."""
    with pytest.raises(BadRequest):
        listing(MODELS, query)

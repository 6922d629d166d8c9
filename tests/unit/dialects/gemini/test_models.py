"""Model listings for clients of Gemini."""

import json

import pytest

from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest
from headgate.dialects.gemini.models import listing, one

MODELS = [Endpoint(name, ()) for name in ("a", "b", "c", "d[1m]")] + [Endpoint("alias", (), listed=False)]


def page(**query):
    """Names and the next page's token."""
    body = json.loads(listing(MODELS, query))
    return [model["name"] for model in body["models"]], body.get("nextPageToken")


def test_a_model_is_described():
    """In the API's own words; what it can be asked is what Headgate serves."""
    described = json.loads(one(Endpoint("a", (), "A name")))

    assert (described["name"], described["displayName"], described["version"]) == ("models/a", "A name", "001")
    assert described["supportedGenerationMethods"] == ["generateContent", "streamGenerateContent", "countTokens"]
    assert described["inputTokenLimit"] > described["outputTokenLimit"] > 0
    assert json.loads(one(Endpoint("a", ())))["displayName"] == "a"


def test_all_are_listed_once():
    """Aliases answer but are not listed."""
    assert page() == (["models/a", "models/b", "models/c", "models/d[1m]"], None)


def test_pages_follow_each_other():
    """Each names the next one, until the last; tokens may come percent-coded."""
    assert page(pageSize="2") == (["models/a", "models/b"], "c")
    assert page(pageSize="3") == (["models/a", "models/b", "models/c"], "d[1m]")
    assert page(pageSize="3", pageToken="d%5B1m%5D") == (["models/d[1m]"], None)


def test_sizes_are_kept_within_the_limits():
    """Nothing asked for is fifty, too much is a thousand."""
    many = [Endpoint(f"m{number}", ()) for number in range(1_200)]

    assert [len(json.loads(listing(many, {"pageSize": size}))["models"]) for size in ("", "0", "7", "99999")] == [50, 50, 7, 1_000]


@pytest.mark.parametrize("query", [{"pageSize": "-1"}, {"pageSize": "x"}, {"pageSize": "9" * 5_000}, {"pageToken": "nobody"}])
def test_odd_pages_are_refused(query):
    """Never guessed."""
    with pytest.raises(BadRequest):
        listing(MODELS, query)

"""Models as Databricks' discovery lists them."""

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.routing.table import EndpointTable
from headgate.web.api.model_listing import API_TYPES, api_types, foundation_models

OPENAI = Provider("o", "openai", "https://example.com/v1", models=("gpt-5.2",))


def test_a_name_is_listed_once_with_all_its_interfaces():
    """Those of every dialect, since a request in any of them is translated, for the names that the caller may query."""
    table = EndpointTable([OPENAI], [Endpoint(name="house", targets=(target_of(OPENAI, "gpt-5.2"),), display_name="House")])
    found = foundation_models(table, lambda name: name != "gpt-5.2")
    assert [(each["name"], each["display_name"]) for each in found] == [("house", "House")]
    assert found[0]["api_types"] == api_types(API_TYPES)
    assert len(set(found[0]["api_types"])) == len(found[0]["api_types"]) == 7

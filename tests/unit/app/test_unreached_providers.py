"""Notes on what no name can reach."""

from headgate.app.unreached_providers import notes_on_unreached
from headgate.core.endpoint import Provider
from headgate.routing.table import EndpointTable


def test_notes():
    """Each says which provider, which of its models, and why; there are at most twenty."""
    first = Provider(name="first", dialect="anthropic", base_url="http://127.0.0.1:9000", models=("claude-*",))
    second = Provider(name="second", dialect="anthropic", base_url="http://127.0.0.1:9001", models=("claude-opus-*",))
    third = Provider(name="third", dialect="anthropic", base_url="http://127.0.0.1:9002")
    providers = [first, second, third]
    assert notes_on_unreached(EndpointTable(providers), providers) == [
        "provider second: its model 'claude-opus-*' is asked by no name, because 'first' comes first",
        "provider third: it is asked by no name, because 'first' comes first",
    ]
    many = Provider(name="many", dialect="anthropic", base_url="http://127.0.0.1:9003", models=tuple(f"claude-{number}" for number in range(30)))
    again = Provider(name="again", dialect="anthropic", base_url="http://127.0.0.1:9004", models=many.models)
    assert len(notes_on_unreached(EndpointTable([many, again]), [many, again])) == 20

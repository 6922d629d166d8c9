"""What the pages of endpoints show of each."""

from headgate.admin.declared import DeclaredObject
from headgate.core.endpoint import Endpoint, Provider, deleted_provider, target_of
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.principal_name import PrincipalName
from headgate.exchange.circuits import CircuitState
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable
from headgate.web.ui.endpoint_facts import DayOfRequests, Surroundings, path_of, shown_endpoint, stated_fields, unused_endpoint

LAB = Provider(name="lab", dialect="openai", base_url="http://127.0.0.1:9/v1")


def around(endpoint: Endpoint, permissions: PermissionTable | None = None, **counts: DayOfRequests) -> Surroundings:
    """One endpoint in force, with a grant and two limits declared."""
    declared = [("grant", "house", "coding"), ("limit", "coding user_default per minute", "cod*"), ("limit", "another", "other")]
    grant, *limits = (DeclaredObject(kind=kind, name=name, document={"endpoint": pattern}) for kind, name, pattern in declared)
    snapshot = Snapshot(1, TokenTable({}), EndpointTable([LAB], [endpoint]), permissions=permissions)
    return Surroundings(snapshot, [grant], limits, lambda target: CircuitState(5, 3.0) if target.model == "b" else CircuitState(), counts)


def test_targets_are_shown_in_the_order_of_the_tries() -> None:
    """Shares, fallbacks, deleted providers, and what is passed over now."""
    endpoint = Endpoint(
        name="coding",
        targets=(target_of(LAB, "a", 70), target_of(deleted_provider("gone"), "a", 30)),
        fallbacks=(target_of(LAB, "b"), target_of(LAB, "")),
    )
    shown = shown_endpoint(endpoint, around(endpoint))
    assert [(each.word, each.provider, each.model, each.share, each.deleted, each.circuit.failures) for each in shown.targets] == [
        ("", "lab", "a", "70 %", False, 0),
        ("or", "gone", "a", "30 %", True, 0),
        ("if that fails", "lab", "b", "", False, 5),
        ("if that fails", "lab", "as asked for", "", False, 0),
    ]
    assert shown.formats == ("OpenAI",)
    ordered = Endpoint(name="coding", targets=(target_of(LAB, "a"), target_of(LAB, "b")))
    assert [each.word for each in shown_endpoint(ordered, around(ordered)).targets] == ["", "then"]


def test_where_it_comes_from_and_who_may_use_it() -> None:
    """The file with its line, the store, or a provider; everyone, those with grants, or administrators."""
    endpoint = Endpoint(name="coding", targets=(target_of(LAB, "a"),))
    grants = PermissionTable([EndpointGrant(PrincipalName("ada"), "coding")])
    of_file = DeclaredObject(kind="endpoint", name="coding", document={}, place="headgate.toml:3")
    shown = shown_endpoint(endpoint, around(endpoint, grants), of_file)
    assert (shown.origin, shown.place, shown.access, shown.limits) == ("file", "headgate.toml:3", "1 grant", ("coding user_default per minute",))
    of_store = DeclaredObject(kind="endpoint", name="coding", document={})
    assert shown_endpoint(endpoint, around(endpoint), of_store).origin == "store"
    found = shown_endpoint(endpoint, around(endpoint))
    assert (found.origin, found.access, found.path) == ("found", "everyone", "/endpoints/coding")
    closed = Endpoint(name="apart", targets=(target_of(LAB, "a"),))
    assert shown_endpoint(closed, around(closed, PermissionTable([], closed=True))).access == "administrators"


def test_counts() -> None:
    """Those of its name; of a pattern those of all names that it answers for."""
    counts = {
        "claude-a": DayOfRequests(2, 1, "2026-11-30T08:00:00Z"),
        "claude-b": DayOfRequests(3, 0, "2026-11-30T09:00:00Z"),
        "gpt": DayOfRequests(9, 9, ""),
    }
    one, every = (Endpoint(name=name, targets=(target_of(LAB, "a"),)) for name in ("claude-a", "claude-*"))
    assert shown_endpoint(one, around(one, **counts)).counts == counts["claude-a"]
    assert shown_endpoint(every, around(every, **counts)).counts == DayOfRequests(5, 1, "2026-11-30T09:00:00Z")


def test_what_is_declared_and_not_in_force() -> None:
    """It says why."""
    shown = unused_endpoint(DeclaredObject(kind="endpoint", name="coding", document={"display_name": "Coding"}, problem="not used: twice"))
    assert (shown.display_name, shown.problem, shown.targets) == ("Coding", "not used: twice", ())


def test_stated_fields_and_addresses() -> None:
    """Fields without a place of their own are shown as in the file, with their help; a name may have slashes and stars."""
    ((name, value, help_text),) = stated_fields({"name": "x", "targets": [], "allowed_tools": ["mcp__*"], "tags": {"a": "b"}})
    assert (name, value) == ("allowed_tools", '["mcp__*"]')
    assert help_text.startswith("Tools run by the agent")
    assert path_of("openai/gpt-5*") == "/endpoints/openai/gpt-5%2A"

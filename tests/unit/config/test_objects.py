"""What the file and the store declare together."""

import pytest

from headgate.config.entries import WrittenGrant
from headgate.config.load import WrittenFile, load
from headgate.config.objects import KINDS, with_stored, wrong_with
from headgate.core.endpoint_grant import CAN_MANAGE, EndpointGrant
from headgate.core.principal_name import PrincipalName
from headgate.core.stored_object import StoredObject

FILE = """
[[providers]]
name = "lab"
dialect = "anthropic"
models = ["claude-a"]

[[limits]]
key = "user_default"
per = "minute"
requests = 60
"""


@pytest.fixture
def configuration():
    """What the file declares."""
    environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
    return load("", environ, accepted=WrittenFile("headgate.toml", FILE))


def stored(word, document):
    """An object of the store."""
    kind = KINDS[word]
    entry = kind.shape(**{name: value for name, value in document.items() if name in {"name", "key", "per", "requests", "tokens"}})
    return StoredObject(id=f"{word}_1", kind=word, name=kind.name_of(entry), document=document)


def test_without_stored_objects_the_configuration_is_the_file_s(configuration):
    """The very value."""
    assert with_stored(configuration, ()) is configuration


def test_objects_of_the_store_come_after_those_of_the_file(configuration):
    """Compiled as if they were written there."""
    limit = stored("limit", {"key": "agent", "per": "day", "tokens": 5})
    endpoint = stored("endpoint", {"name": "coding", "targets": [{"provider": "lab", "model": "claude-a"}]})
    both = with_stored(configuration, [limit, endpoint])
    assert [(each.key, each.per, each.bounds) for each in both.limits] == [
        ("user_default", "minute", (("requests", 60),)),
        ("agent", "day", (("tokens", 5),)),
    ]
    assert [(each.name, each.targets[0].provider.name) for each in both.endpoints] == [("coding", "lab")]
    assert (both.settings, both.notes) == (configuration.settings, configuration.notes)


def test_a_grant_of_the_store(configuration):
    """As one of the file; a principal has one permission on a name or pattern."""
    both = with_stored(configuration, [stored("grant", {"principal": "group:staff", "endpoint": "claude-*", "permission": "CAN_MANAGE"})])
    assert both.grants == (EndpointGrant(PrincipalName("staff", "GROUP"), "claude-*", CAN_MANAGE),)
    assert KINDS["grant"].name_of(WrittenGrant(principal="ada", endpoint="*")) == "ada on *"


def test_the_file_counts_where_both_declare_a_name(configuration):
    """The store's number is not used, and a note says so."""
    both = with_stored(configuration, [stored("limit", {"key": "user_default", "per": "minute", "requests": 1})])
    assert both.limits == configuration.limits
    assert both.notes[-1] == "limit * user_default minute of the store is not used: the file declares it too"


@pytest.mark.parametrize(
    ("word", "document", "note"),
    [
        ("endpoint", {"name": "coding", "targets": []}, "endpoint coding of the store is not used: targets: an endpoint needs at least one target"),
        ("endpoint", {"name": "coding", "target": []}, "endpoint coding of the store is not used: target: unknown key"),
        ("budget", {"name": "all", "per": "day", "usd": 1, "webhook": "file:/etc/passwd"}, "budget all of the store is not used: webhook: can only be set in the"),
        ("limit", {"key": "user", "per": "day", "requests": 1}, "limit * user day of the store is not used: principal: a limit with the key"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_left_out_with_a_note(configuration, word, document, note):
    """Everything else is used."""
    both = with_stored(configuration, [stored(word, document), stored("limit", {"key": "agent", "per": "day", "tokens": 5})])
    assert len(both.limits) == 2
    assert both.endpoints == ()
    assert [each for each in both.notes if each.startswith(note)]


def test_a_stored_endpoint_outlives_its_providers(configuration):
    """A target whose provider is gone stays, and is marked as deleted; the others are as they were. Who looks at the endpoint sees it."""
    document = {"name": "coding", "targets": [{"provider": "lab", "model": "claude-a"}, {"provider": "gone", "model": "m"}]}
    (endpoint,) = with_stored(configuration, [stored("endpoint", document)]).endpoints
    assert [(each.provider.name, each.provider.deleted, each.dialect) for each in endpoint.targets] == [
        ("lab", False, "anthropic"),
        ("gone", True, ""),
    ]
    assert not endpoint.targets[1].asked_in("gemini").dialect
    assert wrong_with(KINDS["endpoint"], document, configuration.providers) == ["provider 'gone' is gone: requests to it are refused"]
    assert wrong_with(KINDS["limit"], {"key": "endpoint"}, ()) == [
        "a limit needs at least one of requests, tokens, input_tokens, output_tokens, concurrent"
    ]

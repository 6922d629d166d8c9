"""Which targets an exchange is sent to: shares, sessions, and targets that are gone."""

from random import Random

import pytest

from headgate.core.endpoint import Endpoint, deleted_provider, target_of
from headgate.core.errors import DestinationDeleted
from headgate.core.record import Attribution
from headgate.dialects.asked import Asked
from headgate.exchange.failover import FailureMemory
from headgate.exchange.targets import Choosing, meant
from headgate.translation.model_profiles import ModelProfiles
from tests.fakes.ports import FakeClock
from tests.unit.exchange.journeys import LAB, SPARE, Stage

SPLIT = Endpoint(name="split", targets=(target_of(LAB, "a", 80), target_of(SPARE, "b", 20)))
ASKED = Asked(b"{}", "split", None, {}, {}, stream=False)
GONE = target_of(deleted_provider("gone"), "m")


def chosen(endpoint: Endpoint, session: str, random: Random) -> str:
    """The provider that the first try goes to."""
    inbound = Stage().inbound(b"{}")
    inbound.attribution = Attribution(session_id=session)
    (target,) = Choosing(random.random, FailureMemory(FakeClock())).order(inbound, ASKED, endpoint, ModelProfiles()).targets
    return target.provider.name


def test_without_a_session_chance_decides_by_the_shares() -> None:
    """A seed makes it repeatable."""
    random = Random(7)
    first = [chosen(SPLIT, "", random) for _ in range(400)]

    assert first.count("spare") / 4 == pytest.approx(20, abs=5)
    random = Random(7)
    assert [chosen(SPLIT, "", random) for _ in range(400)] == first


def test_a_session_stays_on_one_target() -> None:
    """Whatever chance says; other sessions are elsewhere."""
    random = Random(7)
    for session in ("ses_1", "ses_2", "ses_3"):
        assert len({chosen(SPLIT, session, random) for _ in range(50)}) == 1
    assert {chosen(SPLIT, f"ses_{number}", random) for number in range(50)} == {"lab", "spare"}


def test_a_refused_request_of_a_split_endpoint_is_not_sent_to_another_target() -> None:
    """The shares are not rolled again: the provider's refusal is the answer."""
    stage = Stage(endpoints=[SPLIT])
    client = stage.run(model="split")
    stage.upstream.sinks[0].head(429, [])
    stage.upstream.sinks[0].end()

    assert client.status == 429
    assert len(stage.upstream.requests) == 1


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("m", "m-thinking"), "m-thinking"),
        (("m",), "m"),
        (("m", "m-*"), "m"),
        (("m-*",), "m-thinking"),
        (("?",), "m-thinking"),
        (("m*",), "m-thinking"),
    ],
)
def test_a_derived_name_means_another_model_where_no_endpoint_has_it(names: tuple[str, ...], expected: str) -> None:
    """An endpoint of its own name comes first, then the model that it was derived from, then a pattern."""
    endpoints = [Endpoint(name=name, targets=(target_of(LAB, "a"),)) for name in names if name != "?"]
    stage = Stage(endpoints=endpoints)
    other = Asked(b"{}", "m", None, {}, {}, stream=False)
    asked = Asked(b"{}", "m-thinking", None, {}, {}, stream=False).or_otherwise(other)

    assert meant(stage.snapshot, stage.inbound(b"{}"), asked).model == expected
    assert meant(stage.snapshot, stage.inbound(b"{}"), other) is other


def test_a_deleted_target_refuses() -> None:
    """It is the first one: nothing is sent, and the row says why."""
    stage = Stage(endpoints=[Endpoint(name="old", targets=(GONE, target_of(LAB, "a")))])
    with pytest.raises(DestinationDeleted, match="provider gone, which was deleted"):
        stage.run(model="old")

    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.status_code, outcome.error_code) == ("refused", 400, "destination_deleted")
    assert stage.upstream.requests == []


def test_a_deleted_target_ends_the_tries() -> None:
    """The target before it is tried; nothing after it is."""
    stage = Stage(endpoints=[Endpoint(name="old", targets=(target_of(LAB, "a"), GONE, target_of(SPARE, "b")))])
    client = stage.run(model="old")
    stage.upstream.sinks[0].head(503, [])
    stage.upstream.sinks[0].end()

    assert client.status == 503
    assert len(stage.upstream.requests) == 1


def test_an_endpoint_without_usage_tracking_is_recorded_as_such() -> None:
    """The journal has its intent and its outcome, for limits and budgets; the flusher makes no row of them."""
    stage = Stage(
        endpoints=[Endpoint(name="quiet", targets=(target_of(LAB, "a"),), usage_tracking=False), Endpoint(name="e", targets=(target_of(LAB, "a"),))]
    )
    for model in ("quiet", "e"):
        stage.run(model=model)
        stage.upstream.sinks[-1].head(503, [])
        stage.upstream.sinks[-1].end()

    assert [intent.untracked for intent in stage.journal.intents] == [True, False]
    assert [outcome.intent.untracked for outcome in stage.journal.outcomes] == [True, False]

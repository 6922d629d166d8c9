"""Which targets a request goes to, by their shares or in order."""

import pytest

from headgate.core.endpoint import Provider, Target, deleted_provider, target_of
from headgate.routing import choice

LAB = Provider(name="lab", dialect="anthropic", base_url="http://lab")
OPENAI = Provider(name="openai", dialect="openai_chat", base_url="http://openai/v1")


def shares(*percents: int) -> tuple[Target, ...]:
    """Targets of one provider, a model for each share."""
    return tuple(target_of(LAB, f"m{place}", percent) for place, percent in enumerate(percents))


def test_a_session_always_gets_the_same_order() -> None:
    """From the names alone: it is the same after a restart and in another process."""
    assert [target.model for target in choice.by_share(shares(50, 30, 20), "ses_1")] == ["m2", "m0", "m1"]
    assert [target.model for target in choice.by_share(shares(50, 30, 20), "ses_4")] == ["m0", "m2", "m1"]


@pytest.mark.parametrize("percents", [(50, 50), (90, 10), (70, 20, 10), (99, 1), (10,) * 10])
def test_shares_are_held(percents: tuple[int, ...]) -> None:
    """Over many sessions each target is chosen as often as its share says, to about two percent of all."""
    sessions = 4_000
    chosen = [choice.by_share(shares(*percents), f"ses_{number}")[0].model for number in range(sessions)]

    for place, percent in enumerate(percents):
        assert chosen.count(f"m{place}") / sessions * 100 == pytest.approx(percent, abs=2.5)


def test_a_change_of_two_shares_moves_exactly_what_it_must() -> None:
    """From 80:20 to 70:30 a tenth of the sessions move, all of them to the target that gained."""
    sessions = [f"ses_{number}" for number in range(4_000)]
    before = [choice.by_share(shares(80, 20), session)[0].model for session in sessions]
    after = [choice.by_share(shares(70, 30), session)[0].model for session in sessions]
    moved = [(one, other) for one, other in zip(before, after, strict=True) if one != other]

    assert set(moved) == {("m0", "m1")}
    assert len(moved) / len(sessions) * 100 == pytest.approx(10, abs=1.5)


def test_a_target_without_traffic_takes_no_part() -> None:
    """One of another dialect does, and a deleted one, since it must refuse."""
    gone = target_of(deleted_provider("gone"), "m", 10)
    targets = (*shares(50, 0), target_of(OPENAI, "gpt", 40), gone)

    assert choice.in_use(targets) == (targets[0], *targets[2:])


def test_nothing_takes_the_place_of_a_deleted_target() -> None:
    """What comes after it is not tried."""
    gone = target_of(deleted_provider("gone"), "m")
    first, last = shares(50, 50)

    assert choice.up_to_deleted((first, gone, last)) == (first,)
    assert choice.up_to_deleted((gone, first)) == ()
    assert choice.up_to_deleted((first, last)) == (first, last)


def test_any_session_id_is_a_key() -> None:
    """Also one that is no valid text, or empty."""
    for session in ("", "\ud800", "x" * 10_000):
        assert len(choice.by_share(shares(50, 50), session)) == 2

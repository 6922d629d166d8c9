"""Sessions and shares: whoever changes them, a session stays where it is unless it must move."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.endpoint import Provider, Target, target_of
from headgate.routing.choice import by_share

LAB = Provider(name="lab", dialect="anthropic", base_url="http://lab")
PERCENTS = st.lists(st.integers(1, 100), min_size=1, max_size=10)
SESSIONS = st.text(max_size=40)


def targets(percents: list[int]) -> tuple[Target, ...]:
    """A target for each share."""
    return tuple(target_of(LAB, f"m{place}", percent) for place, percent in enumerate(percents))


@given(PERCENTS, SESSIONS, st.randoms())
def test_the_order_of_writing_does_not_matter(percents, session, random):
    """A session's order of targets depends on the targets, not on where they stand."""
    written = list(targets(percents))
    order = by_share(written, session)
    random.shuffle(written)
    assert by_share(written, session) == order
    assert sorted(each.model for each in order) == sorted(each.model for each in written)


@given(PERCENTS, SESSIONS, st.data())
def test_a_target_that_goes_moves_only_its_own_sessions(percents, session, data):
    """The others stay, and its own go to what was their second choice: so does one that comes back."""
    order = by_share(targets(percents), session)
    gone = data.draw(st.sampled_from(order))
    rest = tuple(target for target in targets(percents) if target.model != gone.model)
    assert by_share(rest, session) == tuple(target for target in order if target.model != gone.model)


@given(PERCENTS, SESSIONS, st.integers(0, 9), st.integers(1, 100))
def test_a_target_that_gains_moves_sessions_only_to_itself(percents, session, place, gain):
    """No session moves between two others; one that gets less only loses sessions."""
    place %= len(percents)
    more = [percent + gain * (at == place) for at, percent in enumerate(percents)]
    before, after = by_share(targets(percents), session)[0].model, by_share(targets(more), session)[0].model
    assert after in {before, f"m{place}"}
    if before == f"m{place}":
        assert after == before

"""Sessions that bring states of other providers along."""

from headgate.core.opaque_state import OpaqueState, enveloped, enveloped_as_base64
from headgate.core.record import Attribution
from headgate.dialects.asked import Asked
from headgate.exchange.foreign_states import ForeignStates, holds_foreign
from tests.unit.exchange.journeys import Stage

STATE = OpaqueState("openai", "encrypted", "gAAAAB")


def asked(text: str) -> Asked:
    return Asked(b'{"signature":"%s"}' % text.encode(), "m", None, {}, {}, stream=True)


def test_envelopes_are_found_in_a_body() -> None:
    """In both forms; a state of the provider's own is none."""
    assert holds_foreign(asked(enveloped(STATE)))
    assert holds_foreign(asked(enveloped_as_base64(STATE)))
    assert not holds_foreign(asked("EqQBCgIYAhIM"))


def test_a_body_without_any_stays_as_it_is() -> None:
    """The same object, also in a session that is known to have some; and a session that is not known is not looked at."""
    inbound = Stage().inbound(b"{}")
    states, plain, foreign = ForeignStates(), asked("EqQB"), asked(enveloped(STATE))
    assert states.without(inbound, foreign) is foreign
    states.note(inbound)
    assert states.without(inbound, plain) is plain


def test_sessions_are_told_apart_and_forgotten() -> None:
    """By the session's id, else by the principal; a bound keeps them few."""
    states = ForeignStates()
    inbound = Stage().inbound(b"{}")
    for number in range(10_001):
        inbound.attribution = Attribution(session_id=f"ses_{number}")
        states.note(inbound)
    assert list(states.sessions) == ["ses_10000"]
    inbound.attribution = Attribution()
    states.note(inbound)
    assert list(states.sessions) == ["ses_10000", inbound.head.token.principal.id]

"""Where system turns go."""

from headgate.core.model_profile import ModelProfile
from headgate.translation.system_turns import placed
from tests.fakes.translation import ANTHROPIC, CHAT, RESPONSES, assistant, system, user

HEAD = (system("A"), system("B"))
TALK = (*HEAD, user("Hi."), assistant("Yes?"), system("C"), user("Go."), system("D"))
NEWER = ModelProfile(system_in_place=True)


def test_the_run_at_the_head_stays():
    """As separate turns, in one object where nothing follows."""
    turns = (*HEAD, user("Hi."))

    assert placed(turns, ANTHROPIC, ModelProfile()) is turns


def test_later_turns_stay_where_the_target_takes_them():
    """By its dialect or its model."""
    assert placed(TALK, RESPONSES, ModelProfile()) is TALK
    assert placed(TALK, CHAT, NEWER) is TALK


def test_else_they_are_the_users_text():
    """Where they were."""
    assert placed(TALK, ANTHROPIC, ModelProfile()) == [
        *HEAD,
        user("Hi."),
        assistant("Yes?"),
        user("<system-reminder>\nC\n</system-reminder>"),
        user("Go."),
        user("<system-reminder>\nD\n</system-reminder>"),
    ]


def test_a_newer_model_of_anthropics_takes_one_right_after_the_users_turn():
    """One for all between two turns of the assistant's; where no user speaks it is text."""
    turns = (*TALK, assistant("Gone."), system("E"), assistant("Still."))

    assert placed(turns, ANTHROPIC, NEWER) == [
        *HEAD,
        user("Hi."),
        assistant("Yes?"),
        user("Go."),
        type(HEAD[0])("system", system("C").parts + system("D").parts),
        assistant("Gone."),
        user("<system-reminder>\nE\n</system-reminder>"),
        assistant("Still."),
    ]

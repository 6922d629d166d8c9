"""What cannot be said to another provider."""

import msgspec
import pytest

from headgate.core.conversation import Conversation
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss
from headgate.translation.loss_list import LossList
from headgate.translation.unsayable import check_sayable, report_beyond
from tests.fakes.translation import ANTHROPIC


def _beyond(**fields):
    return Conversation(beyond={name: msgspec.Raw(value) for name, value in fields.items()})


@pytest.mark.parametrize(
    ("conversation", "words"),
    [
        (Conversation(previous_response_id="resp_1"), "resp_1"),
        (Conversation(answers=2), "2 answers"),
        (_beyond(conversation=b'"conv_1"'), "the field conversation"),
        (_beyond(background=b"true"), "the field background"),
        (_beyond(cachedContent=b'"cachedContents/1"'), "the field cachedContent"),
    ],
)
def test_what_changes_the_answer_is_refused(conversation, words):
    """In words that say what."""
    with pytest.raises(Untranslatable, match=words):
        check_sayable(conversation, ANTHROPIC)


def test_a_field_that_says_nothing_is_not_refused():
    """`background: false` is what everybody does."""
    check_sayable(_beyond(background=b"false", conversation=b"null"), ANTHROPIC)


def test_other_fields_are_losses():
    """But not those that say nothing to a model."""
    losses = LossList()
    report_beyond(_beyond(context_management=b'{"edits":[]}', metadata=b'{"a":"b"}', top_logprobs=b"null", container=b'"c"'), losses)

    why = "only the client's own dialect has it"
    assert losses.all() == (Loss("context_management", why), Loss("container", why))

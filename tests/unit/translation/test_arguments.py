"""Arguments of calls in the history."""

import json

import pytest

from headgate.translation.arguments import prepared_arguments


@pytest.mark.parametrize(
    ("arguments", "prepared"),
    [
        ("", "{}"),
        (" \n", "{}"),
        ('{"b": 1.50, "a": 2}', '{"b": 1.50, "a": 2}'),
        ('{"a": ', '{"__raw__":"{\\"a\\": "}'),
        ("[1]", '{"__raw__":"[1]"}'),
    ],
)
def test_a_target_that_takes_objects_gets_one(arguments, prepared):
    """JSON stays as it was written, down to the numbers."""
    assert prepared_arguments(arguments, objects=True) == prepared
    assert prepared_arguments(prepared, objects=True) == prepared


def test_a_target_that_takes_text_gets_what_the_model_wrote():
    """But never nothing."""
    assert prepared_arguments('{"a": ', objects=False) == '{"a": '
    assert prepared_arguments("", objects=False) == "{}"


@pytest.mark.parametrize("arguments", ['{"a":' * 200_000, '{"a":' * 200_000 + "1" + "}" * 200_000])
def test_arguments_of_any_depth_are_text(arguments):
    """Deeper than any reader goes, they are no object but what the model wrote."""
    assert json.loads(prepared_arguments(arguments, objects=True)) == {"__raw__": arguments}

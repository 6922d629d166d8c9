"""Tools that are called with free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.conversation import Tool
from headgate.translation.custom_tools import as_function, unwrapped, wrapped


def test_a_custom_tool_is_a_function_with_one_argument():
    """Its grammar is in the description."""
    function = as_function(Tool("exec", "custom", "Runs JavaScript.", grammar="start: /.+/", grammar_syntax="lark"))

    assert function.kind == "function"
    assert function.description == "Runs JavaScript.\n\nThe input must follow this Lark grammar:\nstart: /.+/"
    assert b'"required":["input"]' in bytes(function.schema)
    assert not function.grammar


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_comes_back_as_it_was(text):
    """Through the arguments of the function."""
    assert unwrapped(wrapped(text)) == text


@pytest.mark.parametrize("arguments", ["", "*** Begin Patch", '{"patch": "x"}', '{"input": 1}', '{"input": "x', "[]"])
def test_arguments_of_another_form_are_the_text(arguments):
    """A model may write anything."""
    assert unwrapped(arguments) == arguments


def test_arguments_of_any_depth_are_the_text():
    """Deeper than any reader goes."""
    deep = '{"input":"x","a":' + "[" * 200_000
    assert unwrapped(deep) == deep

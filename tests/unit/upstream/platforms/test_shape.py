"""Parts of paths and headers of platforms."""

import pytest

from headgate.core.platform import Platform
from headgate.upstream.platforms.shape import betas_of, segment, taken_betas, without


@pytest.mark.parametrize(
    ("model", "written"),
    [
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5@20250929"),
        ("eu.anthropic.claude-v1:0", "eu.anthropic.claude-v1%3A0"),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/x", "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fx"),
        ("../x?y#z", "..%2Fx%3Fy%23z"),
    ],
)
def test_segment(model, written):
    """A model's name stays within its part of the path."""
    assert segment(model) == written


def test_without():
    """Headers of a name are left out."""
    assert without([(b"a", b"1"), (b"b", b"2"), (b"a", b"3")], b"a") == [(b"b", b"2")]


def test_betas():
    """Values of the header, each once, that the entry allows, or else the documentation."""
    asked = betas_of([(b"anthropic-beta", b"a-1, b-2,,a-1")])
    assert asked == ["a-1", "b-2", "a-1"]
    assert taken_betas(asked, Platform("vertex"), ("a-*",)) == ["a-1"]
    assert taken_betas(asked, Platform("vertex", betas=("b-*",)), ("a-*",)) == ["b-2"]

"""Sources of an answer in Gemini's words."""

import json

import pytest

from headgate.core.event import Cited
from headgate.dialects.gemini.grounding import Grounding, cited_in


def test_citations_say_where_the_text_ends_that_they_support():
    """In bytes; several sources of one place are together."""
    grounding = Grounding()
    assert grounding.metadata() == {}
    grounding.grow("Só")
    grounding.cite(Cited(0, "https://a", "A", "Só"))
    grounding.cite(Cited(0, "https://b", "", "Só"))
    grounding.grow("!")
    grounding.cite(Cited(0, "https://a", "A"))
    assert grounding.metadata() == {
        "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}, {"web": {"uri": "https://b", "title": "https://b"}}],
        "groundingSupports": [
            {"segment": {"endIndex": 3, "text": "Só"}, "groundingChunkIndices": [0, 1]},
            {"segment": {"endIndex": 4}, "groundingChunkIndices": [0]},
        ],
    }


def test_sources_are_read_with_what_they_support():
    """A page that supports no text in particular quotes none."""
    metadata = {
        "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}, {"web": {"uri": "https://b"}}, {}],
        "groundingSupports": [{"segment": {"text": "It is."}, "groundingChunkIndices": [0, 2, 7]}],
    }
    assert cited_in(json.dumps(metadata).encode()) == [("https://a", "A", "It is."), ("https://b", "", "")]


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'{"groundingChunks":1}', b'{"groundingChunks":[1],"groundingSupports":[{"segment":1}]}'])
def test_other_metadata_has_no_sources(raw):
    """Nothing raises."""
    assert cited_in(raw) == []

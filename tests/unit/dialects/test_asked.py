"""A checked request is another object with each change, and is emptied when it is let go of."""

import json
import sys

import msgspec

from headgate.dialects.asked import Asked, let_go
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS
from tests.fakes.fields import fields_of

RESPONSES = Operation("responses", "x")
RAW = msgspec.Raw(b"1")


def made() -> Asked:
    """A request in which nothing is as it is by default."""
    asked = Asked(b'{"model":"m"}', "m", (9, 12), {"a": RAW}, {"a": (1, 2)}, stream=True)
    asked.usage_hidden, asked.output_max, asked.text_length, asked.otherwise = True, 5, 6, Asked(b"{}", "n", None, {}, {}, stream=False)
    return asked


def test_a_change_makes_another_request_that_differs_in_it_alone() -> None:
    """The one that it was made from is as it was."""
    asked, other = made(), Asked(b"{}", "o", None, {}, {}, stream=False)
    before = fields_of(asked)
    changes = {
        asked.with_body(b"{}", None, {}, {}): {"body": b"{}", "model_span": None, "fields": {}, "spans": {}},
        asked.with_fields({"b": RAW}): {"fields": {"b": RAW}},
        asked.with_spans({"b": (3, 4)}): {"spans": {"b": (3, 4)}},
        asked.with_output_max(7): {"output_max": 7},
        asked.without_usage(): {"usage_hidden": False},
        asked.as_mixed(): {"usage_hidden": False, "mixed": True},
        asked.or_otherwise(other): {"otherwise": other},
    }

    assert [fields_of(changed) for changed in changes] == [before | change for change in changes.values()]
    assert fields_of(asked) == before


def test_a_model_is_put_where_the_body_names_it() -> None:
    """A body without one is sent as it is."""
    assert made().with_model("opus") == b'{"model":"opus"}'
    assert made().with_body(b"{}", None, {}, {}).with_model("opus") == b"{}"


def test_a_request_that_is_let_go_of_keeps_its_settings_alone():
    """What may be long is gone from the object itself, whatever holds it; the rest is a copy, which holds no bytes of the body."""
    body = json.dumps({"model": "m", "stream": True, "store": False, "input": "words " * 100}).encode()
    held = sys.getrefcount(body)
    asked = CLIENTS["openai_responses"].read(body, RESPONSES, "")
    while_held = sys.getrefcount(body)
    let_go(asked, 600)
    let_go(asked)

    assert (asked.body, asked.spans, asked.model_span, asked.otherwise, asked.model, asked.text_length) == (b"", {}, None, None, "m", 600)
    assert {name: bytes(field) for name, field in asked.fields.items()} == {"model": b'"m"', "stream": b"true", "store": b"false"}
    assert (while_held > held, sys.getrefcount(body)) == (True, held)

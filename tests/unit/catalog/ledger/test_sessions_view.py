"""Sessions, as text."""

import re

from headgate.catalog.ledger import exchanges_view, sessions_view
from headgate.catalog.ledger.sources import Stretch

PARTS = sessions_view.part_text("system.ai_gateway.exchanges")
TEXT = sessions_view.text(f"({PARTS})", "system.ai_gateway.client_sessions")


def test_each_view_is_read_once():
    """The exchanges are dear to make."""
    assert TEXT.count("system.ai_gateway.exchanges") == 1
    assert TEXT.count("system.ai_gateway.client_sessions") == 1


def test_every_outcome_is_documented():
    """The words of the outcome are those of its comment."""
    outcome = next(field for field in sessions_view.SCHEMA.fields if field.name == "outcome")
    words = set(re.findall(r"THEN '(\w+)'|ELSE '(\w+)' END AS outcome", TEXT[TEXT.index("c.commits > 0") :]))

    assert {first or second for first, second in words} == {"committed", "edited", "answered", "abandoned", "failed"}
    assert all((first or second) in outcome.comment for first, second in words)


def test_what_it_takes_of_an_exchange_is_there():
    """The columns that are named of an exchange are columns of that view."""
    known = {field.name for field in exchanges_view.SCHEMA.fields}
    asked = TEXT[TEXT.index("asked AS") : TEXT.index("FROM system.ai_gateway.exchanges")]
    named = set(re.findall(r"\b(client_\w+|\w+_tokens|requester|principal_id|request_tags|latency_ms|via|turn_id|subagent_id)\b", asked))

    assert named <= known


def test_a_stretch_begins_with_the_runs_under_way():
    """What an exchange without a session belongs to may have begun before the stretch: up to a pause before it, parts are read."""
    text = sessions_view.part_text("exchanges", Stretch(start_us=10_000_000_000), "(SELECT * FROM earlier)")

    assert "WHERE passed_until_us >= 8200000000" in text
    assert "earlier" not in PARTS
    assert not re.findall(r"[{]\w+[}]", text + TEXT)


def test_every_part_is_added_up():
    """Each column of a part is read by the view, but for the two that only say what is under way."""
    merged = sessions_view.text("(SELECT 1)", "system.ai_gateway.client_sessions")

    assert {field.name for field in sessions_view.PARTS if not re.search(rf"\b{field.name}\b", merged)} == {"token_id", "passed_until_us"}

"""What agents reported of their requests, as text."""

import pytest

from headgate.catalog import ledger_requests


@pytest.mark.parametrize("event", ledger_requests.EVENTS)
def test_every_event_is_asked_for(event):
    """Each event that carries a report is among those that are read."""
    assert f"'{event}'" in ledger_requests.text([])


def test_no_content_is_shown():
    """No column tells what anybody wrote: errors are told by their status alone."""
    assert not {"prompt", "response", "error", "error_message", "body"} & {field.name for field in ledger_requests.SCHEMA.fields}

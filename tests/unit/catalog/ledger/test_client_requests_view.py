"""What agents reported of their requests, as text."""

import pytest

from headgate.catalog.ledger import client_requests_view


@pytest.mark.parametrize("event", client_requests_view.EVENTS)
def test_every_event_is_asked_for(event):
    """Each event that carries a report is among those that are read."""
    assert f"'{event}'" in client_requests_view.text([])


def test_no_content_is_shown():
    """No column tells what anybody wrote: errors are told by their status alone."""
    assert not {"prompt", "response", "error", "error_message", "body"} & {field.name for field in client_requests_view.SCHEMA.fields}

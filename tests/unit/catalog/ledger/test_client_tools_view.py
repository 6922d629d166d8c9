"""Tool calls as text."""

import pytest

from headgate.catalog.ledger import client_tools_view


@pytest.mark.parametrize("event", client_tools_view.EVENTS)
def test_every_event_is_asked_for(event):
    """Each event that tells of a tool is among those that are read."""
    assert f"'{event}'" in client_tools_view.text([])


def test_no_content_is_shown():
    """Arguments and output are counted from, never shown."""
    assert not {"arguments", "function_args", "output", "metadata"} & {field.name for field in client_tools_view.SCHEMA.fields}

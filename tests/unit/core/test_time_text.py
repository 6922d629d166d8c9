"""Times as JSON and tables show them."""

from headgate.core.time_text import utc_text


def test_a_time_in_utc():
    """To the second, or more exactly."""
    assert utc_text(1_796_029_200_123) == "2026-11-30T09:00:00Z"
    assert utc_text(1_796_029_200_123, "milliseconds") == "2026-11-30T09:00:00.123Z"

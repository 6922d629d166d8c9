"""The statements for usage. That they answer as this machine's store does is in tests/e2e/test_remote.py."""

import pytest

from headgate.admin.statement_ports import Parameter
from headgate.cli.usage_statement import OWN_USAGE, rows_statement, sums_statement

DAY_NS = 86_400 * 10**9


def test_a_span_is_two_parameters():
    """And none where there is no bound; nothing of a user's is in the text."""
    statement = rows_statement(OWN_USAGE, 1_500, DAY_NS)
    assert "FROM system.ai_gateway.my_usage WHERE event_time >= :since AND event_time < :until" in statement.text
    moments = ("1970-01-01T00:00:00.000001Z", "1970-01-02T00:00:00Z")
    assert statement.parameters == (Parameter("since", moments[0], "TIMESTAMP"), Parameter("until", moments[1], "TIMESTAMP"))
    assert rows_statement(OWN_USAGE, 0, 0).parameters == ()
    assert "WHERE true ORDER" in rows_statement(OWN_USAGE, 0, 0).text


def test_a_tag_is_a_parameter():
    """Whatever it is called."""
    statement = sums_statement(OWN_USAGE, "tag", "a']--", 0, 0)
    assert "request_tags[:tag] AS `tag`" in statement.text
    assert statement.parameters == (Parameter("tag", "a']--"),)
    assert "a']--" not in statement.text


@pytest.mark.parametrize(("by", "order"), [("day", "ORDER BY `day`"), ("user", "ORDER BY charge DESC NULLS LAST, requests DESC, 1")])
def test_the_order(by, order):
    """Times in their order, other keys by charge."""
    assert sums_statement(OWN_USAGE, by, "", 0, 0).text.endswith(order)


def test_lines():
    """Are added up where sums are by what they differ in."""
    assert "line.charge END AS charge" in sums_statement(OWN_USAGE, "model", "", 0, 0).text
    assert "line.charge END AS charge" not in sums_statement(OWN_USAGE, "user", "", 0, 0).text

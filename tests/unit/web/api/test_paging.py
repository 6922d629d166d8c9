"""Pages of listings."""

import pytest

from headgate.core.errors import BadRequest
from headgate.web.api.paging import PAGE_MAX, paged
from headgate.web.api.routes import ApiRequest


def page(entries, **query: str):
    return paged(entries, ApiRequest(parameters={}, query=query), str)


def test_pages_go_on_where_the_last_one_ended():
    """Also where entries before it are gone; the last page has no token."""
    assert page([1, 2, 3], page_size="2") == ([1, 2], "2")
    assert page([2, 3], page_size="2", page_token="2") == ([3], "")
    assert page([], page_size="2") == ([], "")
    assert len(page(range(5_000), page_size="99999")[0]) == PAGE_MAX
    assert page([1, 2, 3], page_size="0")[0] == [1, 2, 3]


@pytest.mark.parametrize("query", [{"page_size": "-1"}, {"page_size": "x"}, {"page_token": "9"}])
def test_what_is_no_page_is_refused(query):
    """A number that is none, and a token of another listing."""
    with pytest.raises(BadRequest):
        page([1, 2], **query)

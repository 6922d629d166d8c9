"""Addresses of following pages."""

from headgate.web.ui.fields import Fields
from headgate.web.ui.paging import following
from headgate.web.ui.routes import PageRequest


def test_the_rest_of_the_address_stays() -> None:
    """Only the place to go on from is replaced, and everything is written as an address has it."""
    request = PageRequest(path="/access", url="", query=Fields.parse("show=users&q=a%26b&after=old&tag=x&tag=y"))
    assert following(request, after="ada & co") == "/access?show=users&q=a%26b&tag=x&tag=y&after=ada+%26+co"

"""Refusals as a person in a browser sees them, and who never does."""

import json

import pytest

from tests.unit.web.test_gateway import House

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(("path", "status", "words"), [("/nothing", 404, "/anthropic, "), ("/anthropic", 405, "GET is not served")])
async def test_a_person_who_opens_a_wrong_address_sees_a_page(path: str, status: int, words: str) -> None:
    """It says the same as the JSON that a client gets, leads to the start page, and keeps to the policy of all pages."""
    house = House()
    told, headers, page = await house.ask("GET", path, accept=BROWSER)
    assert (told, headers[b"content-type"]) == (status, b"text/html; charset=utf-8")
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'")
    assert words in page
    assert '<a href="/">' in page
    for more in ({}, {"accept": "*/*"}, {"accept": "application/json"}):
        told, headers, body = await house.ask("GET", path, **more)
        assert (told, headers[b"content-type"]) == (status, b"application/json")
        assert words in json.dumps(body)


async def test_a_route_never_answers_with_a_page() -> None:
    """Whatever an agent accepts, what is refused on a route of its own is in its own format."""
    house = House()
    for method, path in (("GET", "/openai/v1/models"), ("POST", "/anthropic/v1/messages"), ("POST", "/nothing")):
        _, headers, _ = await house.ask(method, path, accept=BROWSER)
        assert headers[b"content-type"] == b"application/json"

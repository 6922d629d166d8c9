"""The pages of requests over a running gateway: every row once, each principal its own, the price to the last digit, and nothing hostile that runs."""

import json
import re
from decimal import Decimal
from urllib.parse import unquote

import pytest

from headgate.web.ui.request_list import ROWS_MAX
from tests.e2e.asking import ANTHROPIC, CHAT, Asking
from tests.e2e.browsing import needs_chromium
from tests.e2e.chromium import browsing
from tests.e2e.lab import headgate, lab_provider, running
from tests.e2e.visitor import Visitor, shown_text
from tests.fakes.front import wait_until
from tests.fakes.turns import Text, Tokens, Turn

MEMBER = "mem@example.com"
ANSWER = Turn((Text("Hello."),), Tokens(fresh=1234, read=56_789, write_5m=321, output=77))
HOSTILE = "<script>alert(1)</script>\"'><svg onload=alert(1)> javascript:alert(1) {{7*7}}"
_ROW = re.compile(r'<a href="/requests/(req_[0-9a-f]+)">')
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_PREVIOUS = re.compile(r'rel="prev" href="([^"]+)"')


class House:
    """A gateway with a member, and the two sessions that look at it."""

    def __init__(self, gateway, provider) -> None:
        self.gateway, self.provider = gateway, provider
        self.member_token = json.loads(headgate("token", "create", "own", "--user", MEMBER, "--json", "--data", gateway.data))["token"]
        self.admin, self.member = Visitor(gateway), Visitor(gateway, MEMBER)

    def ask(self, count: int = 1, *, token: str = "", case=ANTHROPIC, body=None, **headers: str) -> list[str]:
        """Requests that are answered; their ids, in their order."""
        ids = []
        self.provider.play(*[ANSWER] * count)
        for _ in range(count):
            with Asking(
                self.gateway.url,
                token or self.gateway.token,
                case.path(),
                body or case.body(),
                {name.replace("_", "-"): value for name, value in headers.items()},
            ) as asking:
                asking.rest()
                ids.append(asking.answer.getheader("x-databricks-request-id"))
        return ids

    def walk(self, path: str, link=_NEXT, between=lambda: None):
        """Every request on the pages from here, with something done between two pages."""
        found = []
        while path:
            page = self.admin.page(path)
            found.append(_ROW.findall(page))
            following = link.search(page)
            path = following[1].replace("&amp;", "&") if following else ""
            between()
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One gateway for all tests of this module."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("requests"), provider) as gateway:
        yield House(gateway, provider)


def test_every_request_is_on_one_page_while_new_ones_arrive(house):
    """From the newest to the oldest and back, by the place of rows alone."""
    wanted = house.ask(120)
    wait_until(lambda: wanted[-1] in house.admin.page("/requests"))
    down = house.walk("/requests?range=24h", between=lambda: house.ask(3))
    shown = [each for page in down for each in page]
    assert [each for each in shown if each in set(wanted)] == wanted[::-1]
    assert len(shown) == len(set(shown))
    assert [len(page) for page in down[:-1]] == [ROWS_MAX] * (len(down) - 1)
    last = house.admin.page("/requests?range=24h")
    while (older := _NEXT.search(last)) is not None:
        last = house.admin.page(older[1].replace("&amp;", "&"))
    up = house.walk(_PREVIOUS.search(last)[1].replace("&amp;", "&"), _PREVIOUS)
    above = [each for page in reversed(up) for each in page if each in set(wanted)]
    assert above == [each for each in wanted[::-1] if each not in _ROW.findall(last)]


def test_the_price_adds_up(house):
    """Each amount is its count by its rate, and the amounts are the charge of the row, digit by digit."""
    [asked] = house.ask(case=ANTHROPIC)
    wait_until(lambda: house.admin.get(f"/requests/{asked}")[0] == 200)
    page = house.admin.page(f"/requests/{asked}")
    cells = re.findall(r'<td class="number">([\d,]+)</td><td class="number">× \$([\d.]+) / million</td><td class="number">\$([\d.]+)</td>', page)
    assert cells
    assert all(Decimal(count.replace(",", "")) * Decimal(rate) / 1_000_000 == Decimal(amount) for count, rate, amount in cells)
    [row] = [row for row in house.gateway.rows() if row["request_id"] == asked]
    assert sum(Decimal(amount) for *_, amount in cells) == Decimal(str(row["charge"]))
    assert "the same to the last digit" in page


def test_a_member_sees_their_own_and_no_one_elses(house):
    """In the list, by the live tail, and one by one: of others there is no such request."""
    [own], [other] = house.ask(token=house.member_token), house.ask()
    wait_until(lambda: other in house.admin.page("/requests") and own in house.member.page("/requests"))
    assert set(_ROW.findall(house.member.page("/requests"))) == {own}
    assert other not in house.member.page("/requests/rows?since=0")
    assert house.member.get(f"/requests/{other}")[0] == 404
    assert shown_text(house.member.page(f"/requests/{own}")).count(MEMBER) >= 1
    assert "The same question now" not in house.member.page(f"/requests/{own}")
    assert "It would be answered" in house.admin.page(f"/requests/{own}")


def test_filters_and_outcomes(house):
    """Each narrows the list; a class of outcomes narrows the rows and leaves the histogram."""
    [refused] = house.ask(body=ANTHROPIC.body().replace(b"claude-opus-4-6", b"no-such-model"))
    [chat] = house.ask(case=CHAT)
    wait_until(lambda: {refused, chat} <= set(_ROW.findall(house.admin.page("/requests"))))
    assert _ROW.findall(house.admin.page("/requests?outcome=refused")) == [refused]
    assert refused not in _ROW.findall(house.admin.page("/requests?model=gpt-5.2"))
    assert chat in _ROW.findall(house.admin.page("/requests?model=gpt-5.2"))
    assert "fits these filters" in shown_text(house.admin.page("/requests?user=nobody@example.com"))
    page = shown_text(house.admin.page(f"/requests/{refused}"))
    assert "model_not_found" in page
    assert "Nothing was used, so nothing was charged." in page


@needs_chromium
def test_hostile_fields_stay_text_and_new_rows_come_in(house):
    """In a real browser: what a client writes into its headers is read, and runs nothing; the live tail shows an exchange that ends meanwhile."""
    tags = json.dumps({"k": HOSTILE})
    [asked] = house.ask(User_Agent=HOSTILE, Databricks_Ai_Gateway_Request_Tags=tags)
    wait_until(lambda: house.admin.get(f"/requests/{asked}")[0] == 200)
    with browsing() as browser:
        name, _, value = house.admin.cookie.partition("=")
        browser.do("Network.setCookie", name=name, value=value, url=house.gateway.url)
        browser.open(f"{house.gateway.url}/requests/{asked}")
        assert "<script>alert(1)</script>" in browser.text()
        assert browser.value("document.querySelectorAll('main script, main [onload], main a[href^=javascript]').length") == 0
        browser.open(f"{house.gateway.url}/requests?range=24h")
        browser.value("document.querySelector('[data-live]').click()")
        [late] = house.ask()
        wait_until(lambda: late in unquote(browser.value("document.querySelector('[data-rows] a').href")))
        assert browser.logged == []

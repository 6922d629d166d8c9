"""Hostile texts, a third of two hundred or all (`make whole`), in every field that a client or a user controls, on every page that shows them: nothing runs, and nothing becomes markup."""

import json
from urllib.parse import quote, urlencode

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.browsing import chromium, needs_chromium, signed_in
from tests.e2e.hostile_texts import HOSTILE, SOME, in_header
from tests.e2e.lab import lab_provider, running
from tests.e2e.page_table import LINKS, Tour, page_table
from tests.e2e.visitor import Visitor
from tests.e2e.workspace import administrator
from tests.fakes import examples, exports
from tests.fakes.front import wait_until
from tests.fakes.turns import Text, Tokens, Turn

pytestmark = needs_chromium

TEXTS = HOSTILE if examples.ALL else SOME
SESSION = "5e551011-0000-4000-8000-0000000000aa"
KEPT = '[journal]\nroll_s = 0.2\n\n[payloads]\ntable = "main.default.all"\n'
_RAN = "[window.pwned, document.querySelectorAll('[data-pwned]').length, document.links.length && [...document.links].some(a => /^javascript:/i.test(a.href))]"
FILTERS = ("user", "group", "agent", "model", "provider", "endpoint", "tag", "status")


def _ask(gateway, provider, number: int, text: str) -> None:
    """One exchange with the text in its headers, and, for some, in the name of the model, which no endpoint has."""
    provider.play(Turn((Text(text),), Tokens(fresh=10, output=5)))
    fields = ANTHROPIC.fields(text) | ({"model": text[:200]} if number % 10 == 0 else {})
    headers = {
        "User-Agent": in_header(text),
        "X-Session-Id": in_header(text)[:120] if number % 2 else SESSION,
        "Databricks-Ai-Gateway-Request-Tags": json.dumps({"team": "".join(filter(str.isprintable, text))[:100]}),
    }
    with Asking(gateway.url, gateway.token, ANTHROPIC.path(), json.dumps(fields).encode(), headers) as asking:
        asking.rest()


def _name_things(gateway) -> None:
    """Users, groups, tokens, endpoints and a table whose names or comments are hostile, where such a name is allowed."""
    root = administrator(gateway)
    made = 0
    for text in HOSTILE[::8]:
        made += root.ask("POST", "/api/2.0/preview/scim/v2/Users", {"userName": text, "displayName": text})[0] < 300
        made += root.ask("POST", "/api/2.0/preview/scim/v2/Groups", {"displayName": text})[0] < 300
        made += root.ask("POST", "/api/2.0/token/create", {"comment": text})[0] < 300
        target = {"provider": "lab-anthropic", "model": text[:100]}
        made += root.ask("POST", "/api/2.0/headgate/endpoints", {"name": text[:100], "description": text, "targets": [target]})[0] < 300
    assert made > len(HOSTILE[::8])
    whole = " ".join(HOSTILE).replace("\\", "").replace("'", "")
    root.run(f"CREATE TABLE main.default.hostile (a STRING COMMENT '{whole[:900]}') COMMENT '{whole[:3000]}'")


def _export(gateway) -> None:
    """Telemetry whose attributes are hostile."""
    root = administrator(gateway)
    for number, text in enumerate(HOSTILE[::8]):
        body = exports.logs(f"m{number}", 1, **{"user.prompt": text, "tool_name": text, "model": text[:100]})
        headers = {"content-type": "application/x-protobuf", "x-databricks-uc-table-name": "main.default.agents_otel_logs"}
        with Asking(gateway.url, root.token, "/api/2.0/otel/v1/logs", body, headers) as asking:
            asking.rest()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway whose every field has had hostile texts."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("hostile"), provider, KEPT) as started:
        for number, text in enumerate(TEXTS):
            _ask(started, provider, number, text)
        provider.ledger.problems.clear()  # of models that no provider has
        _name_things(started)
        _export(started)
        yield started


@pytest.fixture(scope="module")
def tab(gateway):
    """An administrator's tab. What it notes at the end fails the last test: scripts that the security policy stopped are console errors too."""
    with chromium() as browser, signed_in(browser, gateway, Visitor(gateway).cookie) as opened:
        opened.keep_still()
        opened.context.on("request", lambda asked: opened.noted.append(asked.url) if "/pwned" in asked.url.partition("?")[0] else None)
        yield opened


def looked(tab, path: str) -> list[str]:
    """What ran or became markup on this page."""
    if not tab.open(path):
        return []
    ran = tab.page.evaluate(_RAN)
    here = tab.page.url.startswith(tab.url) and "/pwned" not in tab.page.url.partition("?")[0]
    return [f"{path}: {ran} {tab.page.url}"] if any(ran) or not here else []


def test_every_page_shows_them_as_text(gateway, tab):
    """Every page that a link leads to, and every further page of the lists, so that each text is shown."""
    wait_until(lambda: Visitor(gateway).page("/requests?range=24h").count("<tr") > 40)
    tour, found = Tour(page_table()), []
    for path in tour:
        found += looked(tab, path)
        links = tab.page.evaluate(LINKS)
        tour.saw(links)
    for first in ("/requests?range=24h", "/sessions?range=24h"):
        path: str | None = first
        for _ in range(len(TEXTS) // 33):
            found += looked(tab, path) if path else []
            following = tab.page.locator("[rel=next]")
            path = following.first.get_attribute("href") if following.count() else None
    assert not found, "\n".join(found)
    assert tab.noted == []
    print(f"{len(tour.opened)} pages, and the further pages of the lists")


def test_what_was_asked_comes_back_as_text(tab):
    """In the address: every text as a filter and in the statement of the SQL page, some in every filter of a dashboard and as a path."""
    found = []
    for start in range(0, len(TEXTS), 25):
        texts = TEXTS[start : start + 25]
        name = FILTERS[start // 25 % len(FILTERS)]
        found += looked(tab, f"/requests?{urlencode([(name, text[:200]) for text in texts])}")
        found += looked(tab, f"/sql?{urlencode({'text': ' '.join(texts)[:6000]})}")
    found += looked(tab, f"/?{urlencode([(name, text[:200]) for name, text in zip(FILTERS * 3, HOSTILE[::8], strict=False)])}")
    for text in HOSTILE[::20]:
        answer = tab.page.goto(f"/dashboards/{quote(text[:100], safe='')}")
        assert answer is None or answer.status in {400, 404}
        assert not any(tab.page.evaluate(_RAN))
    tab.noted[:] = [each for each in tab.noted if "responded with a status of 40" not in each]
    assert not found, "\n".join(found)
    assert tab.noted == []


def test_rows_of_a_statement_are_text(gateway, tab):
    """What clients wrote, as SQL finds it."""
    tab.open("/sql")
    tab.page.fill("textarea[name=text]", "SELECT user_agent, session_id, model_asked, to_json(request_tags) AS tags FROM system.ai_gateway.usage")
    tab.page.click(".editor button.main")
    tab.page.wait_for_selector(".result-head")
    assert tab.page.locator("main tbody tr").count() > 50
    assert not any(tab.page.evaluate(_RAN))
    assert tab.noted == []

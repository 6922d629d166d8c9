"""The pages of the audit table, over events in memory."""

import csv
import io
import re

import pytest

from headgate.admin.page_queries import PageColumn, PageRows
from headgate.catalog.audit_chain import AuditVerdict, Break, Head
from headgate.core.errors import BadRequest
from headgate.web.ui.audit import AuditParts, audit_routes, listing_query
from headgate.web.ui.fields import Fields
from tests.fakes.browser import PAGES, Browser

NASTY = "=cmd|<script>alert(1)</script>"
EVENT = {
    "event_id": "e1",
    "event_time": "2026-11-30T09:00:00Z",
    "at_us": 1,
    "who": "ada@example.com",
    "service": "accounts",
    "action": "createUser",
    "params": {"name": NASTY},
    "status": 200,
    "result": None,
    "message": None,
    "address": "192.0.2.1",
    "occurrences": 1,
    "about": NASTY,
}
WHOLE = {
    "event_time": "2026-11-30T09:00:00Z",
    "user_identity": {"email": "ada@example.com", "subject_name": None},
    "identity_metadata": {"run_by": None, "run_as": "root", "acting_resource": None},
    "service_name": "accounts",
    "action_name": "createUser",
    "request_params": {"name": NASTY},
    "response": {"status_code": 429, "error_message": "No <room>.", "result": "refused"},
    "occurrences": 12,
    "source_ip_address": "192.0.2.1",
    "user_agent": "test/1",
    "session_id": None,
    "request_id": "req_1",
    "before": "no JSON",
    "after": '{"name":"é","roles":["viewer"]}',
    "chain_sequence": 7,
    "row_hash": "ab12",
    "previous_hash": "cd34",
}


class AuditDesk:
    """A browser before the pages. `events` are what every query finds; `verdict` is what a check says."""

    def __init__(self) -> None:
        self.browser = Browser()
        self.events: list[dict[str, object]] = []
        self.verdict = AuditVerdict(0, Head(), ())
        self.queries: list[object] = []
        self.expected: list[Head | None] = []
        self.browser.serve((*PAGES, *audit_routes(AuditParts(self, self, lambda: 10**15))))

    async def rows(self, query, _principal) -> PageRows:
        self.queries.append(query)
        names = list(self.events[0]) if self.events else ["event_id"]
        columns = tuple(PageColumn(name, "STRING") for name in names)
        return PageRows(columns=columns, values=[[event[name] for event in self.events[: query.row_limit]] for name in names])

    async def verify(self, expected, _principal) -> AuditVerdict:
        self.expected.append(expected)
        return self.verdict

    async def page(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        found = await self.browser.ask("GET", path, accept="text/html")
        assert found[0] == status, found[2]
        return found[2]


@pytest.fixture
async def desk() -> AuditDesk:
    """A signed-in administrator."""
    made = AuditDesk()
    await made.browser.sign_in()
    return made


async def test_events_are_listed_and_nothing_becomes_markup(desk) -> None:
    """Who, action, object, outcome and address; an empty list says what fills it."""
    assert "headgate audit list" in await desk.page("/audit")
    assert "No event matches" in await desk.page("/audit?who=eve")
    desk.events = [EVENT]
    page = await desk.page("/audit")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert 'href="/audit/events/e1"' in page
    assert "createUser" in page
    assert "192.0.2.1" in page


async def test_pages_go_on_by_the_last_event(desk) -> None:
    """50 at a time; the filters stay, in the file too."""
    desk.events = [EVENT | {"event_id": f"e{number}", "at_us": 1000 - number} for number in range(60)]
    page = await desk.page("/audit?who=ada&days=7")
    assert page.count("/audit/events/") == 50
    (more,) = re.findall(r'href="([^"]+)" rel="next"', page)
    assert more == "/audit?who=ada&amp;days=7&amp;before=951~e49"
    assert 'href="/audit/csv?who=ada&amp;days=7' in page
    assert "First page" in await desk.page("/audit?who=ada&before=951~e49")


def test_what_is_asked_of_the_table() -> None:
    """Every word is a parameter; a place and a span that are none are refused."""
    query = listing_query("x", Fields.parse("who=ADA'--&action=Token&about=lap&outcome=refused&days=7&before=951~e49"), 8 * 86_400_000_000, 51)
    assert "ada'--" not in query.text
    given = {each.name: each.value for each in query.parameters}
    assert given == {"who": "ada'--", "action": "token", "about": "lap", "since_us": str(86_400_000_000), "before_us": "951", "before_id": "e49"}
    assert "response.result = 'refused'" in query.text
    assert query.text.endswith("ORDER BY event_time DESC, event_id DESC LIMIT 51")
    assert "WHERE" not in listing_query("x", Fields.parse("outcome=odd"), 0, 5).text
    for wrong in ("before=here", "before=x~e", "days=8"):
        with pytest.raises(BadRequest):
            listing_query("x", Fields.parse(wrong), 0, 5)


async def test_one_event(desk) -> None:
    """With its parameters as they are stored, what changed, and its place in the chain."""
    desk.events = [WHOLE]
    page = await desk.page("/audit/events/e1")
    for text in ("No &lt;room&gt;.", "12 times", "root", "req_1", "no JSON", "ab12", "&#34;roles&#34;: [\n", "é", "&lt;script&gt;"):
        assert text in page
    desk.events = [WHOLE | {"chain_sequence": None, "request_params": None, "before": None, "source_ip_address": None}]
    assert "not in the table yet" in await desk.page("/audit/events/e1")
    desk.events = []
    assert "no audit event" in await desk.page("/audit/events/e2", 404)


async def test_the_chain(desk) -> None:
    """It holds, or says where it does not; an end that was noted is looked for."""
    assert "has no rows yet" in await desk.page("/audit/chain")
    desk.verdict = AuditVerdict(2, Head(2, "f" * 64), ())
    assert f"2:{'f' * 64}" in await desk.page(f"/audit/chain?expect=1:{'a' * 64}")
    assert desk.expected == [None, Head(1, "a" * 64)]
    desk.verdict = AuditVerdict(2, Head(2, "f" * 64), (Break(2, "the row was changed"),))
    assert "Row 2: the row was changed" in await desk.page("/audit/chain")
    assert "no end of a chain" in await desk.page("/audit/chain?expect=1", 400)
    assert len(desk.expected) == 3


async def test_the_file_has_no_formulas(desk) -> None:
    """A cell that a spreadsheet would compute begins with an apostrophe."""
    desk.events = [{"who": who, "params": {"a": 1}} for who in ("=1+1", "+1a", "-x", "@x", "plain")]
    status, headers, body = await desk.browser.ask("GET", "/audit/csv?who=x")
    assert (status, headers["content-disposition"]) == (200, 'attachment; filename="audit.csv"')
    assert [row[0] for row in csv.reader(io.StringIO(body))] == ["who", "'=1+1", "'+1a", "'-x", "'@x", "plain"]


async def test_only_administrators_see_it(desk) -> None:
    """Neither a page nor the file."""
    await desk.browser.sign_in("plain")
    for path in ("/audit", "/audit/csv", "/audit/chain", "/audit/events/e1"):
        assert (await desk.browser.ask("GET", path, accept="text/html"))[0] == 403
    assert desk.queries == []

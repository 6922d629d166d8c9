"""The pages of the audit table over a running gateway: acts and refusals are there, the file holds them, and the chain is verified."""

import csv
import io
import json
import re
from urllib.parse import urlsplit

import pytest

from tests.e2e.lab import headgate, running
from tests.e2e.test_pages import ask, get
from tests.fakes.front import wait_until


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("audited"), None, arguments=("--demo",)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def session(demo):
    """The cookie of a signed-in administrator."""
    made = json.loads(headgate("token", "sign-in", "--json", "--url", demo.url, "--data", demo.data))
    return ask(demo, "POST", "/login", urlsplit(made["url"]).query)[1]["set-cookie"].partition(";")[0]


def page(demo, session: str, path: str) -> str:
    """The text of a page that is there."""
    status, _, body = get(demo, path, cookie=session, accept="text/html")
    assert status == 200, body
    return body


def test_what_was_done_and_refused_is_shown(demo, session):
    """Filtered by who, action, object and outcome; each event on its own page; the same in the file."""
    headgate("user", "create", "=nina@example.com", "--data", demo.data)
    assert ask(demo, "GET", "/api/2.0/token-management/tokens", authorization="Bearer hg_wrong")[0] in {401, 403}
    done = "/audit?who=os:&action=createuser&about=nina&outcome=done&days=1"
    wait_until(lambda: "createUser" in page(demo, session, done))
    listed = page(demo, session, done)
    (event,) = re.findall(r'href="(/audit/events/[^"]+)"', listed)
    assert "=nina@example.com" in page(demo, session, event)
    wait_until(lambda: '<span class="tag bad">401</span>' in page(demo, session, "/audit?outcome=refused"))
    assert "createUser" not in page(demo, session, "/audit?outcome=refused&days=7")
    assert "No event matches" in page(demo, session, "/audit?outcome=failed&about=nothing-of-that-name")
    rows = list(csv.DictReader(io.StringIO(page(demo, session, done.replace("/audit?", "/audit/csv?")))))
    assert [row["action_name"] for row in rows] == ["createUser"]
    assert json.loads(rows[0]["request_params"])["name"] == "=nina@example.com"


def test_pages_go_on_without_a_gap(demo, session):
    """Each event once, the newest first."""
    for number in range(3):
        headgate("group", "create", f"g{number}", "--data", demo.data)
    wait_until(lambda: "g2" in page(demo, session, "/audit?action=creategroup"))
    every = re.findall(r"/audit/events/([^\"]+)", page(demo, session, "/audit"))
    assert len(set(every)) == len(every) > 5
    times = re.findall(r'/audit/events/[^"]+"><time datetime="([^"]+)"', page(demo, session, "/audit"))
    assert times == sorted(times, reverse=True)


def test_the_chain_is_verified(demo, session):
    """As the command says; an end that the table never had is missing."""
    wait_until(lambda: "End of the chain" in page(demo, session, "/audit/chain"))
    (end,) = re.findall(r"<code>(\d+:[0-9a-f]{64})</code>", page(demo, session, "/audit/chain"))
    assert json.loads(headgate("audit", "verify", "--expect", end, "--json", "--data", demo.data))["holds"]
    assert "the noted end is still there" in page(demo, session, f"/audit/chain?expect={end}")
    assert "not as it was written" in page(demo, session, f"/audit/chain?expect=99999:{'a' * 64}")

"""An exchange that a mistake of the gateway's own ends: it is answered, the log has it, and it leaves one row as every other."""

import dataclasses

import pytest

from headgate.core.build_kind import build_kind
from tests.e2e.asking import ANTHROPIC, CASES, Asking
from tests.e2e.lab import ALONE, CONFIG, Gateway
from tests.fakes.tested import TESTED
from tests.fakes.turns import refuse, say

pytestmark = pytest.mark.skipif(build_kind() == "compiled", reason="no function of a compiled module can be replaced")

# Sending to this model goes wrong: Python runs the text below in each of the gateway's processes before all else.
BROKEN = "model-that-breaks-us"
SITE = f"""
import sys

if "headgate.cli.serving" in sys.orig_argv:
    from headgate.upstream.http1 import Http1Upstream

    send = Http1Upstream.send

    def broken(self, request, sink):
        if b"{BROKEN}" in request.body or "{BROKEN}" in request.target:
            raise LookupError("made up by a test")
        return send(self, request, sink)

    Http1Upstream.send = broken
"""
ENDPOINTS = f"""
[[endpoints]]
name = "broken-anthropic"
targets = [{{ provider = "lab-anthropic", model = "{BROKEN}" }}]

[[endpoints]]
name = "broken-openai"
targets = [{{ provider = "lab-openai", model = "{BROKEN}" }}]

[[endpoints]]
name = "broken-gemini"
targets = [{{ provider = "lab-gemini", model = "{BROKEN}" }}]

[[endpoints]]
name = "broken-in-reserve"
targets = [{{ provider = "lab-anthropic", model = "claude-opus-4-6" }}, {{ provider = "lab-anthropic", model = "{BROKEN}" }}]
"""


@pytest.fixture
def mistaken(tmp_path, provider):
    """A gateway that goes wrong where it sends a request for the broken model."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE)
    config = ALONE + CONFIG.format(url=provider.url, openai_url=provider.openai_url) + ENDPOINTS
    gateway = Gateway(tmp_path / "gateway", config, variables={"PYTHONPATH": f"{tmp_path / 'site'}:{TESTED}"})
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.kill_all()


def test_a_mistake_while_an_exchange_starts_leaves_one_row(mistaken, provider):
    """In every format, and where it happens on the way to the next target: an answer at once, one row with it, and the next request is served."""
    families = {"anthropic": "anthropic", "gemini": "gemini"}
    broken = [dataclasses.replace(case, endpoint=f"broken-{families.get(case.dialect, 'openai')}") for case in CASES]
    provider.play(refuse(503), say("Hello."))
    ids = []
    for case in (*broken, dataclasses.replace(ANTHROPIC, endpoint="broken-in-reserve")):
        with Asking(mistaken.url, mistaken.token, case.path(), case.body()) as asking:
            assert (asking.status, b"Headgate failed" in asking.rest()) == (500, True)
            ids.append(asking.answer.getheader("x-databricks-request-id"))
    with Asking(mistaken.url, mistaken.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
        assert asking.status == 200
        asking.rest()

    assert mistaken.stop() == 0
    rows = mistaken.rows(6)
    assert [row["request_id"] for row in rows[:5]] == ids
    assert [(row["status_code"], row["ended"]) for row in rows] == [(500, "failed")] * 5 + [(200, "completed")]
    assert all("Headgate failed" in row["error_message"] for row in rows[:5])
    assert mistaken.log.count("LookupError: made up by a test") == 5

"""Health checks: what they answer, and what strangers do not learn."""

import json

from headgate.core.build_kind import build_kind
from headgate.web.ui.health_pages import HealthReport, Warned, health_routes
from headgate.web.ui.routes import PageRequest


async def answered(report: HealthReport, path: str) -> tuple[int, dict[str, object]]:
    """Status and value of a check."""
    route = next(route for route in health_routes(report) if route.path == path)
    answer = await route.call(PageRequest(path=path, url="http://gate.example"))
    return answer.status, json.loads(answer.body)


async def test_ready() -> None:
    """A gateway that takes traffic says so, with what is wrong meanwhile in words for anyone."""
    report = HealthReport(list, lambda: [Warned("a table waits", "main.default.x waits")], lambda: {"serving": 1})
    assert await answered(report, "/healthz") == (200, {"status": "ok"})
    told = {"ready": True, "reasons": [], "warnings": ["a table waits"], "restarts": {"serving": 1}, "build": build_kind()}
    assert await answered(report, "/readyz") == (200, told)
    assert report.notices() == ("main.default.x waits",)


async def test_not_ready() -> None:
    """Every reason is listed, and the status keeps traffic away."""
    report = HealthReport(lambda: ["the disk is full"], list, dict)
    status, said = await answered(report, "/readyz")
    assert (status, said["ready"], said["reasons"]) == (503, False, ["the disk is full"])
    assert report.notices() == ("the disk is full",)

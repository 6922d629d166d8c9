"""Health checks for machines: whether the process answers, and whether traffic may come."""

from collections.abc import Callable

import msgspec

from headgate.core.build_kind import build_kind
from headgate.core.scopes import PUBLIC
from headgate.web.ui.answers import PageAnswer, json_answer
from headgate.web.ui.routes import PageRequest, PageRoute


class Warned(msgspec.Struct, frozen=True):
    """What is wrong while the gateway serves. `told` is for anyone, and names no file and no table; `details` are for administrators."""

    told: str
    details: str


class HealthReport(msgspec.Struct, frozen=True):
    """What health checks are given. `troubles` lists why the gateway is not ready, for anyone to read, `warnings` what is wrong while it serves;
    `restarts` says how often each process ended by itself.
    """

    troubles: Callable[[], list[str]]
    warnings: Callable[[], list[Warned]]
    restarts: Callable[[], dict[str, int]]

    def notices(self) -> tuple[str, ...]:
        """All of it in the words for administrators."""
        return (*self.troubles(), *(warned.details for warned in self.warnings()))


def health_routes(report: HealthReport) -> tuple[PageRoute, ...]:
    """`/healthz` and `/readyz`."""

    async def healthz(_request: PageRequest) -> PageAnswer:
        return json_answer({"status": "ok"})

    async def readyz(_request: PageRequest) -> PageAnswer:
        troubles = report.troubles()
        warnings = [warned.told for warned in report.warnings()]
        told = {"ready": not troubles, "reasons": troubles, "warnings": warnings, "restarts": report.restarts(), "build": build_kind()}
        return json_answer(told, 503 if troubles else 200)

    return (PageRoute("GET", "/healthz", PUBLIC, healthz), PageRoute("GET", "/readyz", PUBLIC, readyz))

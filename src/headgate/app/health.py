"""What `/readyz` and the start page say: why no requests are taken, and what is wrong while they are."""

from typing import NamedTuple

from headgate.app.content import ContentKeeping
from headgate.app.control import Control
from headgate.app.heartbeat import Heartbeat
from headgate.app.regular_work import RegularWork
from headgate.app.telemetry import TelemetryIngest
from headgate.app.workspace_api import WorkspaceApi
from headgate.exchange.exchange import Exchanges
from headgate.storage.journal.flusher_status import read_status
from headgate.storage.journal.writer import JournalWriter
from headgate.web.ui.health_pages import Warned

TOKENS = "reading the tokens"  # the name of what follows them, among the regular work


class Health(NamedTuple):
    """Asks the parts of a serving process. Changes none of them."""

    control: Control
    journal: JournalWriter
    telemetry: TelemetryIngest
    content: ContentKeeping
    api: WorkspaceApi
    exchanges: Exchanges
    regular_work: RegularWork
    heartbeat: Heartbeat

    def troubles(self) -> list[str]:
        """Why requests are refused."""
        draining = "Headgate is shutting down." if self.exchanges.draining else ""
        return [reason for reason in (draining, self.journal.trouble or "", self.regular_work.late) if reason]

    def warnings(self) -> list[Warned]:
        """What does not stop traffic: tables that are not written now, a changed configuration that was refused, a process that was started again."""
        found = [*self._of_tables(), *self._of_work()]
        refused = self.exchanges.memory.refused_keys()
        if refused:
            found.append(Warned("A provider refuses Headgate's key. The log says which.", f"Check the key or sign-in of: {', '.join(refused)}"))
        failing = self.exchanges.failures.circuits.passed_over()
        if failing:
            told = "Targets fail and are passed over where an endpoint has another."
            found.append(Warned(f"{told} The log says which.", f"{told} They are {', '.join(failing)}"))
        if self.telemetry.trouble:
            found.append(Warned("OTLP over gRPC is not served. The log says why.", self.telemetry.trouble))
        not_kept = self.content.troubles()
        if not_kept:
            found.append(Warned("Requests, answers or traces were not kept. The log says why.", "; ".join(not_kept)))
        if self.api.unprotected:
            found.append(unprotected_told(self.api.unprotected))
        if self.control.file.refusal:
            told = "The changed configuration is refused, and the old one goes on."
            found.append(Warned(f"{told} `headgate check` says why.", f"{told} {self.control.file.refusal}"))
        return found

    def _of_tables(self) -> list[Warned]:
        status = read_status(str(self.control.data.journal))
        found: list[Warned] = []
        if status is not None and status.trouble:
            found.append(Warned("Rows wait in the journal, for the tables cannot be written now. The log says why.", status.trouble))
        if status is not None and status.waiting:
            aside = "; ".join(f"{table.name}: {table.reason}" for table in status.waiting)
            some = f"{len(status.waiting)} table{'' if len(status.waiting) == 1 else 's'}"
            found.append(Warned(f"Rows for {some} could not be written and are waiting. The log says why.", aside))
        if status is not None and status.kept_segments:
            told = f"{status.kept_segments} segments of the journal hold something unreadable and are set aside. The log says why."
            where = (
                f"They take {status.kept_bytes >> 20} MiB in folders named kept below {self.control.data.journal}; delete them when you have looked."
            )
            found.append(Warned(told, f"{told} {where}"))
        return found

    def _of_work(self) -> list[Warned]:
        found = [Warned(told, told) for told in self.heartbeat.warnings()]
        failing = self.regular_work.failing()
        if any(each.startswith(f"{TOKENS}: ") for each in failing):
            told = "The store of tokens cannot be read: revoked tokens still work, and new ones do not. The log says why."
            found.append(Warned(told, "; ".join(failing)))
        elif failing:
            found.append(Warned("A part of the regular work fails and is tried again. The log says why.", "; ".join(failing)))
        return found


def unprotected_told(unprotected: tuple[str, ...]) -> Warned:
    """A gap in the sandbox of queries; which one is not for everyone to read."""
    told = "SQL runs without a part of its sandbox, because this machine lacks it. The log says which."
    return Warned(told, f"{told} It lacks: {', '.join(unprotected)}. The setting sql.require_sandbox refuses to run SQL on such a machine.")

"""Notes of tables that are being made, in memory."""

from headgate.admin.catalog_ports import TableWork


class MemoryNote:
    """Implements `headgate.admin.catalog_ports.WorkNote`."""

    def __init__(self, work: TableWork, notes: "MemoryNotes") -> None:
        self.work = work
        self._notes = notes

    def remove(self) -> None:
        self._notes.there.remove(self.work)

    def close(self) -> None:
        self._notes.held.remove(self.work)


class MemoryNotes:
    """Implements `headgate.admin.catalog_ports.WorkNotes`. `there` are the notes, `held` those that somebody works on."""

    def __init__(self) -> None:
        self.there: list[TableWork] = []
        self.held: list[TableWork] = []

    def write(self, work: TableWork) -> MemoryNote:
        self.there.append(work)
        return self._held(work)

    def left(self) -> list[MemoryNote]:
        return [self._held(work) for work in self.there if work not in self.held]

    def _held(self, work: TableWork) -> MemoryNote:
        self.held.append(work)
        return MemoryNote(work, self)

"""Kept conversations in a serving process: the file, with the bounds as configured. Without a file the gateway serves all the same."""

import logging
import sqlite3
from typing import Final

from headgate.config.schema import Responses
from headgate.core.clock import Clock
from headgate.exchange.ports import CallStateStore, ResponseStore
from headgate.storage.conversations.kept_conversations import KeptConversations
from headgate.storage.conversations.limits import KeepingLimits

_DAY_S: Final = 86_400.0
_log = logging.getLogger("headgate.app")


class Conversations:
    """Owns the file. `responses` and `states` are `None` where nothing is to be kept, or where the file cannot be opened."""

    def __init__(self, data_dir: str, written: Responses, clock: Clock) -> None:
        self.responses: ResponseStore | None = None
        self.states: CallStateStore | None = None
        self._kept: KeptConversations | None = None
        if not (written.retention_days or written.hidden_states_hours):
            return
        limits = KeepingLimits(
            keep_s=written.retention_days * _DAY_S,
            principal_count_max=written.principal_max,
            principal_bytes_max=written.principal_max_mb << 20,
            bytes_max=written.max_mb << 20,
            states_keep_s=written.hidden_states_hours * 3600.0,
        )
        try:
            self._kept = KeptConversations(data_dir, limits, clock)
        except (OSError, sqlite3.Error) as error:
            _log.warning("no responses are kept for their clients: the file for them cannot be opened: %s", error)
            return
        self.responses = self._kept.responses if written.retention_days else None
        self.states = self._kept.states if written.hidden_states_hours else None

    def close(self) -> None:
        """Write what waits."""
        if self._kept is not None:
            self._kept.close()

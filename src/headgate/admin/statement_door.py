"""How statements are asked for across a process boundary: a call as a value, and the port that answers it. Imports nothing that is slow to load.

Bodies go through as bytes: whoever serves HTTP neither reads a statement nor writes its rows.
"""

from typing import Literal, Protocol

import msgspec

from headgate.admin.table_ports import Session

Operation = Literal["execute", "get", "chunk", "cancel", "link"]
NOBODY = Session("")


class StatementCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `body` is the JSON of an execution request; `base_url` is where the caller reached us, for links, which are made for the token
    `token_id`; `signature` proves a link.
    """

    operation: Operation
    session: Session = NOBODY
    statement_id: str = ""
    chunk: int = 0
    body: bytes = b""
    base_url: str = ""
    signature: str = ""
    token_id: str = ""


class StatementDoor(Protocol):
    """Answers calls."""

    async def call(self, call: StatementCall) -> bytes:
        """The answer's body: JSON, or an Arrow stream for a `link`. Refusals are raised."""

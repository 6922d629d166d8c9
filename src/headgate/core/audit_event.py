"""An audit event: an administrative act, or refusals of one kind; who, what, before and after. It holds no secret.

It waits as JSON in the control state and in the journal, so fields are only ever added, with defaults.
"""

from typing import Final

import msgspec

AUDIT_EVENTS: Final = "audit_events"  # the signal of batches of audit events

# Where an act happened, in Databricks' words and ours.
ACCOUNTS: Final = "accounts"  # tokens, users, groups, browser sessions
CATALOG: Final = "unityCatalog"
GATEWAY: Final = "aiGateway"
OTEL: Final = "otel"
WORKSPACE: Final = "workspace"
SETTINGS: Final = "headgate"  # the configuration


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event. `id` is a UUID, by which an event that comes twice is recognised. `who` acted, with the rights of `run_as` if that is another.

    `before` and `after` are JSON texts of what was changed; empty where there is nothing. `occurrences` counts refusals of the same kind.
    """

    id: str
    at_ns: int
    service: str
    action: str
    who: str = ""
    run_as: str = ""
    address: str = ""
    user_agent: str = ""
    session_id: str = ""
    request_id: str = ""
    params: dict[str, str] = {}
    status_code: int = 200
    error_message: str = ""
    result: str = ""
    before: str = ""
    after: str = ""
    occurrences: int = 1


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What is done, for an audit event. `before` and `after` are plain values: a `Secret` in them is an error.

    `who` acts, where that is known only from what is done; else the one that `core.acting` names. `run_as` the same.
    """

    service: str
    action: str
    params: dict[str, str] = {}
    before: object = None
    after: object = None
    who: str = ""
    run_as: str = ""
    status_code: int = 200
    error_message: str = ""

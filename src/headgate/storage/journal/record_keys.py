"""The keys of the journal's records: all that is read of a record where only its exchange is wanted. Decides nothing."""

import msgspec


class IntentKey(msgspec.Struct, array_like=True):
    """The first field of an intent; the rest is skipped unread."""

    request_id: str


class OutcomeKey(msgspec.Struct, array_like=True):
    """The first field of an outcome, of which the first field is wanted."""

    intent: IntentKey

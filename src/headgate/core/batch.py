"""Rows on their way into a table, in their wire form: the journal record of an acknowledged OTLP export, of a logged payload or of an INSERT.

It is journalled as a MessagePack array, so fields are only ever added at the end, with defaults. Fields that are read without the payload come before it.
"""

import msgspec

PAYLOADS = "payloads"  # the signal of logged requests and answers
ROWS = "rows"  # the signal of rows that INSERT made; all others are OTLP's


class Batch(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Rows for one table. `table` is its id in the catalog, `location` where it was when the rows were accepted, `managed` whether Headgate owns its files.

    `digest` identifies a repeated export; empty where none can be repeated. `rows` and `bytes_unfolded` are the size of the rows that the payload
    becomes: each row of an export repeats its resource.
    """

    table: str
    name: str
    location: str
    signal: str
    received_at_ns: int
    rows: int
    bytes_unfolded: int
    digest: bytes = b""
    payload: bytes = b""
    managed: bool = False

"""Rows on their way into a table, in their wire form: what is journalled when an OTLP export is acknowledged or a payload is logged.

Journalled as a MessagePack array, so fields are only ever added at the end, with defaults. What is read without the payload stands before it.
"""

import msgspec

PAYLOADS = "payloads"  # the signal of logged requests and answers; all others are OTLP's


class Batch(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Rows for one table. `table` is its id in the catalog, `location` where it lay when the rows were taken, `managed` whether its files are ours.

    `digest` tells a repeated export from another one; empty where nothing is repeated. `rows` and `bytes_unfolded` say how much the payload
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

"""The end of the audit table's chain, in a file of its own in the data directory: a table that lost its last rows is found by it."""

import os

import msgspec

from headgate.catalog.audit_chain import Head
from headgate.storage.journal import journal_dir

AUDIT_HEAD_FILE = "audit_head.json"


def read_head(data_dir: str) -> Head:
    """The end as it was kept last; that of an empty chain where there is no file. Raises `msgspec.DecodeError` for a file that is damaged."""
    try:
        with open(os.path.join(data_dir, AUDIT_HEAD_FILE), "rb") as file:
            return msgspec.json.decode(file.read(), type=Head)
    except FileNotFoundError:
        return Head()


def keep_head(data_dir: str, head: Head) -> None:
    """Keep the end, durably."""
    journal_dir.write_durably(os.path.join(data_dir, AUDIT_HEAD_FILE), msgspec.json.encode(head))

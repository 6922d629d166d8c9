"""Whether the control state can be read and is whole. It opens the file for reading alone and changes nothing, also in a store of another release."""

import sqlite3
from urllib.parse import quote

from headgate.config.paths import DataDirectory

_TIMEOUT_S = 5.0


def unsoundness(data: DataDirectory) -> str:
    """Why the store is not sound, in SQLite's words; empty if it is."""
    try:
        database = sqlite3.connect(f"file:{quote(str(data.state_file))}?mode=ro", uri=True, timeout=_TIMEOUT_S)
        try:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            database.close()
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else str(found)

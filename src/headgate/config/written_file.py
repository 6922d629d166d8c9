"""The configuration file as text. One that was accepted is handed to the process that replaces a serving process: it goes on with it while the changed
file is refused.

It is held in memory alone, because it may hold the keys that were read from files. Nothing writes it to disk.
"""

import msgspec


class WrittenFile(msgspec.Struct, frozen=True, tag="written_file"):
    """The file's path and text, both empty where there is no file, and the secrets that its `file:` references led to, once they were resolved.

    `env:` references need no such copy: a gateway's environment does not change.
    """

    file: str = ""
    text: str = ""
    secrets: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"WrittenFile(file={self.file!r})"

"""Standard output and standard error as commands use them: whatever is printed, no character of it can make a command fail."""

import codecs
import io
import json
import os
import sys


def accept_any_text() -> None:
    """Print a replacement for what the terminal's encoding lacks, and print nowhere where a stream is closed."""
    for name, errors in (("stdout", "replace"), ("stderr", "backslashreplace")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # ruff: ignore[open-file-with-context-handler] it lives as long as the process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def json_text(value: object) -> str:
    """JSON for standard output: its characters as they are, or as escapes where the encoding could not hold them all."""
    return json.dumps(value, ensure_ascii=not codecs.lookup(sys.stdout.encoding or "ascii").name.startswith("utf"))

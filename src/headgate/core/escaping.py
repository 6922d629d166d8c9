"""Text from outside in a log or on a terminal: it can neither begin a line of its own nor steer the terminal. Writes nothing itself."""

import logging


def escaped(text: str) -> str:
    """The text with every character that is not printable as its escape: controls, C1 controls, U+2028. Its own lines stay lines."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text)


class LogLines(logging.Formatter):
    """Formats a record so that only its first line begins at the margin: what came from outside cannot pass for another record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's lines."""
        return escaped(super().format(record)).replace("\n", "\n  ")

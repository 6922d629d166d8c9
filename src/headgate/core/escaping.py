"""Text from outside in a log or on a terminal: it can neither begin a line of its own nor steer the terminal. Writes nothing itself."""


def escaped(text: str) -> str:
    """The text with every character that is not printable as its escape: controls, C1 controls, U+2028. Its own lines stay lines."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text)

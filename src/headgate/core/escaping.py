"""Escapes text from outside for a log or a terminal, which it cannot control then. Writes nothing itself."""


def escaped(text: str) -> str:
    """The text with every unprintable character escaped: controls, C1 controls, U+2028. Line breaks stay."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text)

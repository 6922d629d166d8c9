"""Which members of a provider's JSON a reader acts on. A value; it reads nothing."""


class Wanted:
    """Members by name: `whole` ones with everything in them, `parts` with what is wanted in them. In a list it applies to each element.

    Without any name everything is wanted.
    """

    __slots__ = ("everything", "parts", "text")

    def __init__(self, *whole: str, **parts: "Wanted") -> None:
        self.everything = not (whole or parts)
        self.text = False  # the characters of its strings are counted and not kept
        self.parts: dict[str, Wanted] = {**dict.fromkeys(whole, EVERYTHING), **parts} if whole else parts

    def of(self, name: str) -> "Wanted | None":
        """What is wanted in the member of this name; `None` for nothing."""
        return self if self.everything else self.parts.get(name)

    def counting(self, **texts: "Wanted") -> "Wanted":
        """The same with further parts: the places of generated text."""
        parts = dict(self.parts)
        for name, part in texts.items():
            known = parts.get(name)
            parts[name] = part if known is None else known.counting(**part.parts)
        return Wanted(**parts)


EVERYTHING = Wanted()
TEXT = Wanted()
TEXT.text = True

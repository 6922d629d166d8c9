"""Cuts an answer at a stop sequence where the provider does not: the sequence and all after it is left out."""

from collections.abc import Sequence


class StopCut:
    """Looks for stop sequences in the text of one answer, part by part. What may be the beginning of one is held back until it is known."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.match = ""  # the sequence that was found

    def feed(self, text: str) -> str:
        """The text that can be passed on. The sequence that is whole first counts; of two that end together the longer."""
        text = self._held + text
        found = [(at + len(stop), -len(stop), stop) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            end, _, self.match = min(found)
            self._held = ""
            return text[: end - len(self.match)]
        keep = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """What was held back, at the end of a part."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of the text may begin the sequence."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)

"""What of an export could not be kept, counted with the first reason. It decides nothing."""


class Losses:
    """Of one export: `items` that will be no rows, and parts (a resource, a scope) that their rows will be without."""

    def __init__(self) -> None:
        self.items = 0
        self.parts = 0
        self._item = self._part = ""

    def item(self, why: str, count: int = 1) -> None:
        """Items are lost."""
        self.items += count
        self._item = self._item or why

    def part(self, why: str) -> None:
        """A resource or a scope is lost, its rows are kept."""
        self.parts += 1
        self._part = self._part or why

    def words(self) -> str:
        """For the sender; empty if nothing is lost."""
        said = [f"{self.items} items were not kept, the first because: {self._item}"] if self.items else []
        said += [f"{self.parts} resources or scopes were left out, the first because: {self._part}"] if self.parts else []
        return ". ".join(text[:500] for text in said)

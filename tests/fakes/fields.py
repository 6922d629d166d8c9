"""Compares objects of plain classes by what they hold: in a compiled build they have neither slots nor a dictionary to look into."""


def fields_of(held: object, *without: str) -> dict[str, object]:
    """What an object holds, by name, but for some names."""
    values = {name: getattr(held, name) for name in dir(held) if not name.startswith("_") and name not in without}
    return {name: value for name, value in values.items() if not callable(value)}

"""Addresses of the following pages of a long list: the same address with another place to go on from. Nothing else of the address changes."""

from urllib.parse import urlencode

from headgate.web.ui.routes import PageRequest


def following(request: PageRequest, **place: object) -> str:
    """The address of the page that goes on from this place. The names of `place` replace those of the address."""
    kept = [(name, value) for name in request.query for value in request.query.all(name) if name not in place]
    return f"{request.path}?{urlencode([*kept, *place.items()])}"

"""The route of the static files. They are public: the sign-in page needs them."""

from headgate.core.scopes import PUBLIC
from headgate.exchange.headers import value_of
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.assets import asset
from headgate.web.ui.routes import PageRequest, PageRoute


async def _file(request: PageRequest) -> PageAnswer:
    compressed = b"gzip" in value_of(request.headers, b"accept-encoding")
    return asset(request.parameters["version"], request.parameters["name"], compressed=compressed)


STATIC_ROUTES = (PageRoute("GET", "/static/{version}/{name}", PUBLIC, _file),)

"""The page that points an agent at this gateway: each agent's configuration with the gateway's address filled in."""

from headgate.core.scopes import ANY
from headgate.web.ui.agents import AGENTS
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.routes import PageRequest, PageRoute


async def _connect(request: PageRequest) -> PageAnswer:
    return request.framed("connect.html", "Connect an agent", agents=AGENTS, url=request.url)


CONNECT_ROUTES = (PageRoute("GET", "/connect", ANY, _connect),)

"""The route of the event stream of a browser. What it sends is counted by `event_streams`."""

from functools import partial

from headgate.core.principal import Principal
from headgate.core.scopes import ANY
from headgate.web.session import Sessions
from headgate.web.ui.answers import PageStream
from headgate.web.ui.event_streams import EventStreams
from headgate.web.ui.routes import PageRequest, PageRoute


def event_routes(streams: EventStreams, sessions: Sessions) -> tuple[PageRoute, ...]:
    """`/events`, for any signed-in principal. The stream ends with the session that asked for it."""

    async def events(request: PageRequest) -> PageStream:
        return PageStream(partial(streams.open, principal=request.principal, look_again=partial(_principal, request, sessions)))

    return (PageRoute("GET", "/events", ANY, events),)


def _principal(request: PageRequest, sessions: Sessions) -> Principal | None:
    session = sessions.find(request.cookie, secure=request.secure)
    return session.token.principal if session is not None else None

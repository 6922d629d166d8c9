"""Which service a request goes to: the services of pages, telemetry and the workspace API by the paths that they serve, all else to the gateway."""

from collections.abc import Mapping

from headgate.exchange.ports import ClientStream
from headgate.web.service import Opened, Request, Service


class Application:
    """The services of a serving process, itself one. A path that ends in a slash stands for all paths below it, except `/` itself; the longest counts."""

    def __init__(self, gateway: Service, services: Mapping[str, Service]) -> None:
        self._gateway = gateway
        self._exact = {path: service for path, service in services.items() if path == "/" or not path.endswith("/")}
        self._below = sorted(((path, service) for path, service in services.items() if path not in self._exact), key=lambda entry: -len(entry[0]))
        self._prefixes = tuple(path for path, _ in self._below)

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Let the service of the path open the request."""
        path = request.path
        service = self._exact.get(path)
        if service is None:
            service = (
                next(service for prefix, service in self._below if path.startswith(prefix)) if path.startswith(self._prefixes) else self._gateway
            )
        return service.open(request, stream)

"""Interfaces of governed objects over a store in memory, a file, and grants on one of its endpoints."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote

from headgate.admin.objects import ObjectAdmin
from headgate.config.load import WrittenFile, load
from headgate.core.endpoint_grant import CAN_MANAGE, EndpointGrant
from headgate.core.errors import GatewayError
from headgate.core.principal_name import PrincipalName
from headgate.policy.permissions import PermissionTable
from headgate.web.api.object_calls import ObjectCalls
from headgate.web.api.routes import ApiRequest, ApiRoute
from headgate.web.path_table import PathTable
from tests.fakes.objects import MemoryObjects
from tests.fakes.ports import FakeClock
from tests.fakes.principals import administrator, token_of, user

FILE = """
[[providers]]
name = "lab"
dialect = "anthropic"
models = ["claude-a"]

[[providers]]
name = "other"
dialect = "openai"

[[endpoints]]
name = "house"
targets = [{ provider = "lab", model = "claude-a" }]

[[limits]]
endpoint = "house"
key = "user_default"
per = "minute"
requests = 60
"""
CODING = {"name": "coding", "targets": [{"provider": "lab", "model": "claude-b"}]}
_GRANTS = [EndpointGrant(PrincipalName("ada"), "coding", CAN_MANAGE), EndpointGrant(PrincipalName("ben"), "coding")]
_CALLERS = {each.name: token_of(each, each.name) for each in (administrator("root"), user("ada"), user("ben"), user("eve"))}


class ObjectHouse:
    """`root` administers; `ada` manages the endpoint `coding` and `ben` queries it, `eve` neither. `house` is the file's and open to all."""

    def __init__(self, routes: Callable[[ObjectCalls], Iterable[ApiRoute]]) -> None:
        environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
        self.configuration = load("", environ, accepted=WrittenFile("headgate.toml", FILE))
        self.objects = ObjectAdmin(MemoryObjects(), lambda: self.configuration, FakeClock())
        self.follows = 0
        permissions = PermissionTable(_GRANTS)
        calls = ObjectCalls(self.objects, self._follow, lambda: permissions, lambda: self.configuration.providers)
        self._table = PathTable(routes(calls))

    async def _follow(self) -> None:
        self.follows += 1

    async def ask(self, who: str, method: str, path: str, body: object = None) -> Any:
        """The answer's body; a refusal as its status and code."""
        path, _, query = path.partition("?")
        route, parameters = self._table.find(method, unquote(path))
        request = ApiRequest(
            parameters=parameters, query=dict(parse_qsl(query)), body=json.dumps(body).encode() if body is not None else b"", token=_CALLERS[who]
        )
        try:
            return json.loads((await route.call(request)).content)
        except GatewayError as error:
            self.refusal = error.message
            return error.status, error.code

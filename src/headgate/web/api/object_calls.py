"""What every interface over governed objects needs: the use-cases on a thread, changes that are in force when they are answered, and who may do what.

It knows no wire form.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from headgate.admin.objects import ObjectAdmin
from headgate.core.endpoint import Provider
from headgate.core.errors import Forbidden, NotFound
from headgate.core.model_names import NamesOf, only_itself
from headgate.policy.endpoint_rights import Right, may_manage, may_see
from headgate.policy.permissions import PermissionTable
from headgate.policy.permit import require_manage
from headgate.web.api.routes import ApiRequest

Result = TypeVar("Result")


class ObjectCalls:
    """The use-cases as a serving process calls them. `follow` puts what the store holds in force; `permissions` are those of the moment."""

    def __init__(
        self,
        objects: ObjectAdmin,
        follow: Callable[[], Awaitable[None]],
        permissions: Callable[[], PermissionTable | None],
        providers: Callable[[], Sequence[Provider]],
        names_of: NamesOf = only_itself,
    ) -> None:
        self._names_of = names_of
        self.objects = objects
        self.providers = providers
        self._follow = follow
        self._permissions = permissions

    async def read(self, work: Callable[[], Result]) -> Result:
        """Read from the store."""
        return await asyncio.to_thread(work)

    async def follow(self) -> None:
        """Put in force what the store holds."""
        await self._follow()

    async def write(self, work: Callable[[], Result]) -> Result:
        """Change the store. The next request finds the change in force."""
        result = await asyncio.to_thread(work)
        await self._follow()
        return result

    def seen_by(self, request: ApiRequest) -> Right:
        """Which endpoints the caller sees, by name."""
        return may_see(request.caller, self._permissions(), self._names_of)

    def managed_by(self, request: ApiRequest) -> Right:
        """Which endpoints the caller may change, by name."""
        return may_manage(request.caller, self._permissions(), self._names_of)

    def require_seen(self, request: ApiRequest, name: str) -> None:
        """Raise NotFound for an endpoint that the caller does not see: they cannot know whether it exists."""
        if not self.seen_by(request)(name):
            raise no_endpoint(name)

    def require_managed(self, request: ApiRequest, name: str) -> None:
        """Raise NotFound for an endpoint that the caller does not see, Forbidden for one that they may not change."""
        self.require_seen(request, name)
        require_manage(request.principal, name, self._permissions())


def no_endpoint(name: str) -> NotFound:
    """The error for an endpoint that does not exist or is not seen."""
    return NotFound(f"Endpoint {name[:128]!r} does not exist, or you may not use it.", code="RESOURCE_DOES_NOT_EXIST")


def require_administrator(request: ApiRequest, what: str) -> None:
    """Raise Forbidden unless the caller is an administrator."""
    if not request.principal.is_administrator:
        raise Forbidden(f"Only an administrator may {what}.", code="PERMISSION_DENIED")

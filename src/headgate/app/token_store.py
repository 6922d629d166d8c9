"""The control state of a serving process as it is in the store: read at the start, followed; and its tokens and sessions changed. Decides nothing."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from headgate.admin.token_ports import EndedSession, StoredAccess
from headgate.admin.tokens import CreatedToken, TokenAdmin
from headgate.config.paths import DataDirectory
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.core.stored_object import StoredObject
from headgate.storage.state.database import Database
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.stated_groups import StatedGroups
from headgate.storage.state.store import open_state
from headgate.storage.state.unread_writes import UnreadWrites

_log = logging.getLogger("headgate.app")
T = TypeVar("T")

_REFRESH_S = 0.1  # a flood of unknown tokens reads the store at most this often


class StoredState(NamedTuple):
    """What the store holds at one of its versions."""

    access: StoredAccess
    ended_sessions: frozenset[bytes]
    objects: Sequence[StoredObject] = ()  # the same value as before while none has changed


class TokenStore:
    """Owns the connection to the store. `changed` is called with what is in it after each change. Raises PepperRefused or Unavailable if it cannot be opened."""

    def __init__(self, data: DataDirectory, clock: Clock, changed: Callable[[StoredState], Awaitable[None]]) -> None:
        self._clock = clock
        self._changed = changed
        self._state, self.pepper = open_state(data)
        self.admin = TokenAdmin(self._state, self.pepper, clock, StatedGroups(str(data.root)).names)
        self._objects = ObjectStore(self._state.database)
        self._known_objects: tuple[int, Sequence[StoredObject]] | None = None
        self._access: StoredAccess | None = None
        self._first_admin = self.admin.first_admin()
        self._unread = UnreadWrites(self._state.database, clock)
        self._looks = _Looks(clock, self._read_if_changed)
        # A thread of its own: a revoked token is refused in time, however many threads other work holds.
        self._thread = ThreadPoolExecutor(1, "tokens")

    @property
    def database(self) -> Database:
        """The database of the store, in which the catalog is too."""
        return self._state.database

    def read(self) -> StoredState:
        """What the store holds now. The version is read first: a change between the reads moves it, so it is read again."""
        access = self._state.load_access(self._access)
        self._known_objects = self._objects.load(self._known_objects)
        stored = StoredState(access, self._state.ended_sessions(), self._known_objects[1])
        self._access = access
        return stored

    async def follow(self) -> None:
        """See tokens that were created or revoked. Raises Unavailable if the store cannot be read; the last known tokens stay in use."""
        await self._looks.now()

    async def refresh(self) -> None:
        """Look at the store, for a token that is not known. A store that cannot be read holds none: `follow` reports it."""
        with contextlib.suppress(Unavailable):
            await self._looks.shared()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do work on the thread that reads the store."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def note_uses(self, last_used_at_ms: Mapping[str, int]) -> None:
        """Store when tokens were used last. Waits for the database."""
        self._state.note_uses(last_used_at_ms)

    async def redeem(self, secret: str) -> str:
        """Use up a one-time link. The id of its token; empty if the link is not good."""
        token_id = await asyncio.to_thread(self.admin.redeem, secret)
        if token_id:
            await self.follow()
        return token_id

    async def end_session(self, session: EndedSession) -> None:
        """Store that a browser session has ended, so that the snapshot knows it. Raises Unavailable if that cannot be stored: the session goes on."""
        await asyncio.to_thread(self._state.end_session, session, self._clock.wall_ns() // 1_000_000)
        await self.follow()

    def take_first_admin(self) -> CreatedToken | None:
        """The administrator's token, if this process minted it. Only the first call gets it."""
        minted, self._first_admin = self._first_admin, None
        return minted

    def sign_in_secret(self, minted: CreatedToken) -> str:
        """The secret of a one-time link for the owner of a token."""
        return self.admin.sign_in_secret(minted.row)

    def close(self) -> None:
        """Close the connection."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._state.close()

    async def _read_if_changed(self) -> None:
        if not self._unread.may_be() and self._access is not None:
            return
        if self._access is None or await self.in_thread(self._state.version) != self._access.version:
            await self._changed(await self.in_thread(self.read))
        self._unread.read()


class _Looks:
    """Looks at the store, one at a time: now, or shared by all that ask before the next one that is due begins."""

    def __init__(self, clock: Clock, look: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._look = look
        self._lock = asyncio.Lock()
        self._shared = 0  # how many shared looks have begun
        self._begun_s = -_REFRESH_S

    async def now(self) -> None:
        """Look."""
        async with self._lock:
            await self._look()

    async def shared(self) -> None:
        """Look when it is due. A look that has begun may have missed what the caller looks for, so it waits for the next."""
        seen = self._shared
        async with self._lock:
            if self._shared > seen:
                return
            await asyncio.sleep(max(0.0, self._begun_s + _REFRESH_S - self._clock.monotonic_s()))
            self._shared += 1
            self._begun_s = self._clock.monotonic_s()
            await self._look()

"""The configuration that is in force in a serving process, and the file that it is read from.

A changed file is accepted whole or refused whole. It knows no token and no snapshot: `apply` puts an accepted configuration to use.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from headgate.app.options import UpOptions
from headgate.config.changes import changes
from headgate.config.load import Configuration, WrittenFile, accepted_of, load
from headgate.config.paths import config_file
from headgate.config.problems import ConfigError
from headgate.core.audit_event import SETTINGS, Act

_log = logging.getLogger("headgate.app")
_AT_ONCE = frozenset({
    "providers",
    "endpoints",
    "prices",
    "model_profiles",
    "groups",
    "grants",
    "permissions",
    "limits",
    "budgets",
    "previews",
    "discovery",
})  # the sections that a running gateway applies
_UPDATE = "updateConfiguration"

Apply = Callable[[Configuration], Awaitable[None]]


class ConfigurationFile:
    """Reads the file at the start and after each change. `accepted` is what a predecessor of this process used last: it is used if the file is refused.

    Raises ConfigError if there is neither.
    """

    def __init__(self, options: UpOptions, environ: Mapping[str, str], apply: Apply, accepted: WrittenFile | None = None) -> None:
        self._options = options
        self._environ = environ
        self._apply = apply
        self._report: Callable[[WrittenFile], None] | None = None
        self._report_act: Callable[[Act], None] | None = None
        self._reload_asked = False
        self.refusal = ""  # why the last change of the file was refused
        self.waiting: tuple[str, ...] = ()  # sections whose change waits for a restart
        self.configuration = self._first(accepted)
        self._written = self.configuration.settings  # as they were written last, with what waits for a restart
        self._file_seen = self._looked_at = self._stamp()

    @property
    def changed_at_ms(self) -> int:
        """When the file that was read last was written, in milliseconds since 1970; 0 without a file."""
        return self._file_seen[0] // 1_000_000

    async def follow(self) -> None:
        """Read the file again if it has changed and is as it was at the last look: what is being written may be half of a configuration, or an empty one.

        A file that is refused leaves everything as it is.
        """
        stamp = self._stamp()
        settled, self._looked_at = stamp == self._looked_at, stamp
        if self._reload_asked or (settled and stamp != self._file_seen):
            self._reload_asked = False
            if await self._read(stamp):
                self._file_seen = stamp  # only now: what failed on our side is tried again

    def reload(self) -> None:
        """Read the file at the next `follow`, changed or not, and without waiting for another look."""
        self._reload_asked = True

    def report_accepted(self, report: Callable[[WrittenFile], None]) -> None:
        """Report the configuration in force, and from now on each one that is accepted."""
        self._report = report
        report(accepted_of(self.configuration))

    def report_acts(self, report: Callable[[Act], None]) -> None:
        """Report each changed file from now on: what was changed, or why it was refused."""
        self._report_act = report

    async def _read(self, stamp: tuple[int, int]) -> bool:
        """Read the file and use what it says. Returns whether it is still the one with this stamp; if not, it was written meanwhile and nothing is used."""
        try:
            configuration: Configuration | ConfigError = await asyncio.to_thread(self._load)
        except ConfigError as error:
            configuration = error
        if self._stamp() != stamp:
            return False
        if isinstance(configuration, ConfigError):
            self._refuse(configuration)
            self._tell(Act(service=SETTINGS, action=_UPDATE, params=self._named(), status_code=400, error_message=str(configuration)))
        else:
            await self._use(configuration)
        return True

    async def _use(self, configuration: Configuration) -> None:
        self.refusal = ""
        old, new = self.configuration.settings, configuration.settings
        self.waiting = tuple(name for name in new.__struct_fields__ if name not in _AT_ONCE and getattr(new, name) != getattr(old, name))
        await self._apply(configuration)
        self.configuration = self._in_force(configuration)
        changed, self._written = changes(self._written, configuration.settings), configuration.settings
        if any(changed):
            self._tell(Act(service=SETTINGS, action=_UPDATE, params=self._named(), before=changed.before, after=changed.after))
        if self._report is not None:
            self._report(accepted_of(self.configuration))

    def _in_force(self, read: Configuration) -> Configuration:
        """What was read, without the sections that wait for a restart. Such a section waits whole, because some of its settings are looked up at each use."""
        old, new, waiting = self.configuration.settings, read.settings, self.waiting
        if waiting:
            _log.warning(
                "the configuration was read again; providers, endpoints, prices, model profiles, groups, grants, permissions, limits, budgets and previews are in use now, "
                "[%s] after a restart: run `headgate restart`",
                "], [".join(waiting),
            )
        else:
            _log.info("the configuration was read again and is in use")
        settings = msgspec.structs.replace(old, **{name: getattr(new, name) for name in _AT_ONCE})
        return msgspec.structs.replace(read, settings=settings, origins=_origins_in_force(self.configuration.origins, read.origins, waiting))

    def _first(self, accepted: WrittenFile | None) -> Configuration:
        try:
            return self._load()
        except ConfigError as error:
            if accepted is None:
                raise
            self._refuse(error)
            return self._load(accepted)

    def _load(self, accepted: WrittenFile | None = None) -> Configuration:
        options = self._options
        given = {"server.host": options.host, "server.port": str(options.port) if options.port >= 0 else ""}
        overrides = {name: value for name, value in given.items() if value}
        return load(options.config_path, self._environ, overrides, demo=options.demo, accepted=accepted)

    def _refuse(self, error: ConfigError) -> None:
        self.refusal = str(error)
        _log.error("the changed configuration is refused, the old one goes on:\n%s", error)

    def _tell(self, act: Act) -> None:
        if self._report_act is not None:
            self._report_act(act)

    def _named(self) -> dict[str, str]:
        return {"file": str(self.configuration.file or "")}

    def _stamp(self) -> tuple[int, int]:
        """Changes when the file does, and when there is one for the first time; zero while there is none."""
        try:
            file = self.configuration.file or config_file(self._options.config_path, self._environ)[0]
            found = os.stat(file) if file is not None else None
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size) if found is not None else (0, 0)


def _origins_in_force(old: Mapping[str, str], new: Mapping[str, str], waiting: Sequence[str]) -> dict[str, str]:
    """What set each setting that is in force: sections that wait for a restart have their old values."""
    kept = {name: origin for name, origin in old.items() if name.partition(".")[0] in waiting}
    return kept | {name: origin for name, origin in new.items() if name.partition(".")[0] not in waiting}

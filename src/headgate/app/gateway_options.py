"""The settings of a supervisor."""

from collections.abc import Mapping

import msgspec

from headgate.app.options import UpOptions
from headgate.config.schema import Log


class GatewayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options for a supervisor's children, where to listen, how to log, and how long a serving process may hang.

    `environ` is what the serving process reads its configuration from. It gets that over the link; its own environment has the `inherited` names alone.
    """

    options: UpOptions
    host: str
    port: int
    environ: Mapping[str, str]
    inherited: frozenset[str]
    log: Log = Log()
    watchdog_s: float = 10.0  # 0: for ever
    socket_given: bool = False  # the port is not Headgate's own: systemd keeps it open

    def __repr__(self) -> str:
        return "GatewayOptions(…)"  # the environment holds keys

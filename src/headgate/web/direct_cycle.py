"""The short way of a request: its head is shown to the application, its body handed over whole, both in plain calls; no task, no event, no messages.

An application offers it beside ASGI and decides for each head. What it does not take goes over ASGI, which words refusals and can wait.
"""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar

from uvicorn.protocols.http.flow_control import FlowControl

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream

Take = Callable[[bytes, ClientStream], None]
"""Takes the whole body and the stream for the answer. Must not raise."""

Opens = Callable[[bytes, Headers, str], Take | None]
"""Shown the target, the headers and the client's address of a POST, as soon as its head is read; `None` sends the request over ASGI. Must not raise."""


class _NobodyWaits:
    """In the place of the event that an ASGI application would wait for."""

    def set(self) -> None:
        """Nobody to wake."""


class DirectCycle:
    """The part of uvicorn's `RequestResponseCycle` that `DirectStream` and the protocol deal with; a third of its cost, since there is nothing behind it."""

    __slots__ = ("default_headers", "disconnected", "flow", "keep_alive", "on_response", "response_complete", "response_started", "transport",
                 "waiting_for_100_continue")  # fmt: skip

    # Only such requests go the short way.
    scope: ClassVar[Mapping[str, str]] = MappingProxyType({"method": "POST", "http_version": "1.1"})
    message_event: ClassVar[_NobodyWaits] = _NobodyWaits()

    def __init__(
        self, transport: asyncio.Transport, flow: FlowControl, default_headers: Headers, on_response: Callable[[], None], *, keep_alive: bool
    ) -> None:
        self.transport = transport
        self.flow = flow
        self.default_headers = default_headers
        self.on_response = on_response
        self.keep_alive = keep_alive
        self.disconnected = False
        self.waiting_for_100_continue = False
        self.response_started = False
        self.response_complete = False

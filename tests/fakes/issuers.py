"""Stands in for the hosts of providers on the internet: a forward proxy that ends the TLS of each host it is asked for, and passes on to a scripted provider.

So a gateway under test asks the real addresses, over https, and reaches no network.
"""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Self

import trustme


class Issuers:
    """The proxy; `hosts` are those that were asked for, in order. `to_port` is the scripted provider that answers for all of them."""

    def __init__(self, folder: Path, to_port: int) -> None:
        self._authority = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.hosts: list[str] = []
        self.ca_file = folder / "issuers.pem"
        folder.mkdir(parents=True, exist_ok=True)
        self._authority.cert_pem.write_to_path(str(self.ca_file))

    @property
    def settings(self) -> str:
        """The part of `headgate.toml` that sends a gateway here."""
        return f'[upstream]\nproxy_url = "http://127.0.0.1:{self.port}"\nno_proxy = ["127.0.0.1"]\nextra_ca_file = "{self.ca_file}"\n'

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="issuers", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer:
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(4096)
            host = head.split(b" ", 2)[1].decode()
            self.hosts.append(host)
            peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            inside = self._context(host.partition(":")[0]).wrap_socket(peer, server_side=True)
            with inside, socket.create_connection(("127.0.0.1", self._to_port)) as onward:
                back = threading.Thread(target=_pump, args=(onward, inside), daemon=True)
                back.start()
                _pump(inside, onward)
                back.join(10)

    def _context(self, name: str) -> ssl.SSLContext:
        context = self._contexts.get(name)
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(name).configure_cert(context)
            self._contexts[name] = context
        return context


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

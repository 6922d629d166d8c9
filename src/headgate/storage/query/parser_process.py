"""The process that parses and compiles statements: `python -m headgate.storage.query.parser_process`. Started by `ParserPool`, which kills it when time is up.

Some texts of a few hundred characters take the parser hours. It therefore works in a process of its own, and nothing else waits for it. It gives up all
that it does not need (`sandbox`), says hello, and works until its standard input closes.
"""

import os
import sys
import traceback

import msgspec

from headgate.admin.statement_ports import Query, Relation, ViewSource
from headgate.catalog import ddl
from headgate.catalog.names import Name
from headgate.catalog.tokens import refused
from headgate.core.error_value import ErrorValue
from headgate.core.errors import GatewayError
from headgate.core.principal import HEADGATE
from headgate.storage.query import sandbox
from headgate.storage.query.compile import compile_query
from headgate.storage.query.parser_messages import Asked, Broken, Compile, Found, Lookup, Meaning, Read, Reply, Said, Text
from headgate.storage.query.worker_messages import LENGTH, Hello, encode, read_exactly


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a parser is started; handed over as JSON on the command line."""

    parent_pid: int
    memory_mb: int


def main(settings: Settings) -> None:
    """Answer until the pipe closes."""
    _warm_up()
    libraries = tuple({os.path.realpath(path) for path in (*sys.path, sys.prefix, sys.base_prefix) if os.path.isdir(path)})
    held = sandbox.enter(libraries, settings.memory_mb << 20, settings.parent_pid)
    _write(encode(Hello(held)))
    asked = msgspec.msgpack.Decoder(Asked)
    while True:
        try:
            body = _receive()
        except EOFError:
            return
        _say(_answer(asked.decode(body)))


def _answer(asked: Asked) -> Said:
    try:
        return _answered(asked)
    except GatewayError as error:
        return ErrorValue.of(error)
    except RecursionError:
        return ErrorValue.of(refused("The statement is nested too deeply."))
    except MemoryError:
        return ErrorValue.of(refused("The statement takes too much memory to be read."))
    except EOFError:
        raise
    except Exception:  # ruff: ignore[blind-except] the process' edge: the other side logs it
        return Broken(traceback.format_exc())


def _answered(asked: Asked) -> Said:
    match asked:
        case Read(text, defaults):
            return Meaning(ddl.read(text, defaults))
        case Compile(query):
            compiled = compile_query(query, _Relations())
            return Text(compiled.sql, tuple((read.view, read.source.name, read.as_of) for read in compiled.reads))


class _Relations:
    """The catalog as one principal sees it: on the other side of the pipe."""

    def __init__(self) -> None:
        self._reply = msgspec.msgpack.Decoder(Reply)

    def resolve(self, name: Name) -> Relation:
        """What a name in the statement means."""
        return self._look_up(Lookup(name))

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of a view of ours means."""
        return self._look_up(Lookup(name, view.name))

    def _look_up(self, lookup: Lookup) -> Relation:
        _say(lookup)
        reply = self._reply.decode(_receive())
        if isinstance(reply, Found):
            return reply.relation
        raise reply.error()


def _warm_up() -> None:
    """Load what the libraries load late."""
    ddl.read("CREATE TABLE main.default.t (a INT)")
    compile_query(Query(text="SELECT CAST('2026-01-01' AS DATE) AS a", principal=HEADGATE), _Relations())


def _receive() -> bytes:
    (length,) = LENGTH.unpack(read_exactly(lambda size: os.read(0, size), LENGTH.size))
    return read_exactly(lambda size: os.read(0, size), length)


def _say(said: Said) -> None:
    body = msgspec.msgpack.encode(said)
    _write(LENGTH.pack(len(body)) + body)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Settings))

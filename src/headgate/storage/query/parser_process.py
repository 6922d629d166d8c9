"""The process that parses and compiles statements: `python -m headgate.storage.query.parser_process`. Started by `ParserPool`, which kills it when time is up.

Some texts of a few hundred characters take sqlglot's parser hours. It therefore works in a process of its own, and nothing else waits for it. It gives up all
that it does not need (`sandbox`), says hello, and works until its standard input closes.
"""

import os
import sys
import traceback

import msgspec

from headgate.admin.statement_ports import Query, Relation, ViewSource
from headgate.catalog import ddl
from headgate.catalog.names import Name
from headgate.catalog.sql_text import refused
from headgate.core.error_value import ErrorValue
from headgate.core.errors import GatewayError
from headgate.core.principal import HEADGATE
from headgate.storage.query import frames, sandbox
from headgate.storage.query import parser_messages as messages
from headgate.storage.query.analysed_texts import KeptViews
from headgate.storage.query.compile import compile_query


def main(settings: messages.ParserSettings) -> None:
    """Answer until the pipe closes."""
    _warm_up()
    libraries = tuple({os.path.realpath(path) for path in (*sys.path, sys.prefix, sys.base_prefix) if os.path.isdir(path)})
    held = sandbox.enter(libraries, settings.memory_mb << 20, settings.parent_pid)
    frames.send(frames.Hello(held))
    kept = KeptViews()
    asked = msgspec.msgpack.Decoder(messages.ParserRequest)
    while True:
        try:
            body = frames.receive()
        except EOFError:
            return
        frames.send(_answer(asked.decode(body), kept))


def _answer(asked: messages.ParserRequest, kept: KeptViews) -> messages.ParserReply:
    try:
        return _answered(asked, kept)
    except GatewayError as error:
        return ErrorValue.of(error)
    except RecursionError:
        return ErrorValue.of(refused("The statement is nested too deeply."))
    except MemoryError:
        return ErrorValue.of(refused("The statement takes too much memory to be read."))
    except EOFError:
        raise
    except Exception:  # ruff: ignore[blind-except] the process' edge: the other side logs it
        return messages.ParserBug(traceback.format_exc())


def _answered(asked: messages.ParserRequest, kept: KeptViews) -> messages.ParserReply:
    match asked:
        case messages.ReadStatement(text, defaults):
            return messages.StatementRead(ddl.read(text, defaults))
        case messages.CompileQuery(query):
            compiled = compile_query(query, _Relations(), kept)
            reads = tuple((read.view, read.source.name, read.as_of, read.bound) for read in compiled.reads)
            return messages.QueryCompiled(compiled.sql, reads, compiled.columns, compiled.own)


class _Relations:
    """The catalog as one principal sees it: on the other side of the pipe."""

    def __init__(self) -> None:
        self._reply = msgspec.msgpack.Decoder(messages.LookUpReply)

    def resolve(self, name: Name) -> Relation:
        """What a name in the statement means."""
        return self._look_up(messages.LookUpName(name))

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of a view means."""
        return self._look_up(messages.LookUpName(name, view.name))

    def _look_up(self, lookup: messages.LookUpName) -> Relation:
        frames.send(lookup)
        reply = self._reply.decode(frames.receive())
        if isinstance(reply, messages.RelationFound):
            return reply.relation
        raise reply.error()


def _warm_up() -> None:
    """Load what the libraries load late."""
    ddl.read("CREATE TABLE main.default.t (a INT)")
    compile_query(Query(text="SELECT CAST('2026-01-01' AS DATE) AS a", principal=HEADGATE), _Relations())


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=messages.ParserSettings))

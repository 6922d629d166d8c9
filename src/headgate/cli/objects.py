"""`headgate endpoint|grant|limit|budget create|list|show|update|delete`: governed objects, the same five commands for every kind.

They work on the store itself, whether the gateway runs or not; a running gateway follows within two seconds. Without the providers' keys.
"""

import os
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from headgate.admin.declared import DeclaredObject
from headgate.admin.objects import ObjectAdmin
from headgate.cli.entry_options import read_entry, takes_fields
from headgate.cli.options import ConfigOption, DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, print_table, printable
from headgate.cli.store import existing_store
from headgate.config.load import Configuration, load_without_secrets
from headgate.config.objects import KINDS, ObjectKind
from headgate.config.paths import DataDirectory
from headgate.config.toml_text import toml_value
from headgate.core.acting import acting
from headgate.core.clock import Clock, SystemClock
from headgate.core.endpoint import Provider
from headgate.core.errors import BadRequest
from headgate.exchange.refused_parameters import LearntRefusal
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.stated_configuration import read_configuration
from headgate.storage.state.stated_refusals import read_refusals
from headgate.storage.state.store import open_state

_ENTRY_CHARS_MAX = 90

T = TypeVar("T")

Which = Annotated[str, typer.Argument(metavar="ID|NAME", help="The id or the name.", show_envvar=False)]
Source = Annotated[str, typer.Argument(metavar="[-]", help="- reads the entry from standard input, as TOML or JSON.", show_envvar=False)]
FileOption = Annotated[str, typer.Option("--file", metavar="FILE", help="A file with the entry, as TOML or JSON. Options replace its fields.")]
EtagOption = Annotated[str, typer.Option("--etag", metavar="ETAG", help="Only if this is its current revision.")]
UnsetOption = Annotated[list[str] | None, typer.Option("--unset", metavar="FIELD", help="A field that gets its default again; may be repeated.")]


def app_of(kind: ObjectKind, summary: str, list_as: str = "list") -> typer.Typer:
    """The commands of one kind. `list_as` is what the listing is called, where `list` is another command."""
    commands = _Commands(kind)
    app = typer_app(summary)
    plain: dict[str, Callable[..., None]] = {list_as: commands.list_all, "show": commands.show, "delete": commands.delete}
    stating: dict[str, Callable[..., None]] = {"create": commands.create, "update": commands.update}
    for name in ("create", list_as, "show", "update", "delete"):
        command = takes_fields(stating[name], kind) if name in stating else plain[name]
        app.command(name, help=(command.__doc__ or "").format(one=kind.with_article, section=kind.section))(reports_errors(command))
    return app


class _Commands:
    """The commands of one kind."""

    def __init__(self, kind: ObjectKind) -> None:
        self._kind = kind

    def list_all(self, config: ConfigOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
        """List {section}: those of the file, which are changed there, then those of the store."""
        with over_objects(ObjectAdmin, config, data) as objects:
            found = objects.listed(self._kind.word)
        if as_json:
            print(json_text([each.described() for each in found]))
            return
        if not found:
            sys.stderr.write(f"No {self._kind.section}. `headgate {self._kind.word} create` makes one.\n")
            return
        print_table(("ID", "NAME", "DECLARED", "ENTRY"), [self._cells(each) for each in found])
        for each in found:
            if each.problem:
                sys.stderr.write(f"! {each.kind} {printable(each.name, 128)}: {printable(each.problem, 1000)}\n")

    def show(self, which: Which, config: ConfigOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
        """Show {one}, as it would be written in the file."""
        with over_objects(ObjectAdmin, config, data) as objects:
            found = objects.find(self._kind.word, which)
        refused = refusals_of(found, str(existing_store(data).root))
        self._print(found, as_json, {"refused_parameters": msgspec.to_builtins(refused)} if refused else None)
        if not as_json:
            for each in refused:
                names = ", ".join((*each.fields, *(f"the beta {beta}" for beta in each.betas)))
                print(f"# {each.provider}/{each.model} refuses {printable(names, 1000)}: requests are sent without")

    def create(
        self,
        stated: dict[str, Any],
        source: Source = "",
        file: FileOption = "",
        config: ConfigOption = "",
        data: DataOption = "",
        as_json: JsonOption = False,
    ) -> None:
        """Create {one} in the store. Its fields are options, a file, or standard input; all are checked as in the configuration file."""
        document = self._read(source, file) | stated
        with over_objects(ObjectAdmin, config, data) as objects:
            made = objects.create(self._kind.word, document, acting().who)
        self._report("Created", made, as_json)

    def update(
        self,
        which: Which,
        stated: dict[str, Any],
        file: FileOption = "",
        unset: UnsetOption = None,
        etag: EtagOption = "",
        config: ConfigOption = "",
        data: DataOption = "",
        as_json: JsonOption = False,
    ) -> None:
        """Change {one} of the store: only the fields that are stated."""
        document = self._read("", file) | stated
        if not document and not unset:
            raise BadRequest("Nothing to change: state fields as options or in --file, or name those to --unset.")
        mask = [*document, *unset] if unset else None
        with over_objects(ObjectAdmin, config, data) as objects:
            changed = objects.change(self._kind.word, which, document, acting().who, mask=mask, etag=etag)
        self._report("Changed", changed, as_json)

    def delete(self, which: Which, etag: EtagOption = "", config: ConfigOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
        """Delete {one} of the store."""
        with over_objects(ObjectAdmin, config, data) as objects:
            gone = objects.delete(self._kind.word, which, acting().who, etag)
        self._report("Deleted", gone, as_json, {"deleted": True})

    def _read(self, source: str, file: str) -> dict[str, Any]:
        if source not in {"", "-"} or (source and file):
            raise BadRequest("The entry is read from --file FILE or, with -, from standard input; its fields are options.")
        if file:
            try:
                return read_entry(Path(file).expanduser().read_text(encoding="utf-8"), self._kind)
            except (OSError, UnicodeDecodeError) as error:
                raise BadRequest(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}.") from error
        return read_entry(sys.stdin.read(), self._kind) if source else {}

    def _report(self, what: str, one: DeclaredObject, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
        if as_json:
            print(json_text(one.described() | dict(more or {})))
            return
        sys.stderr.write(f"{what} {one.kind} {printable(one.name, 512)} ({one.id}). A running gateway follows within two seconds.\n")

    def _print(self, one: DeclaredObject, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
        if as_json:
            print(json_text(one.described() | dict(more or {})))
            return
        stored = one.stored
        described = one.described()
        print(
            f"# declared at {one.place}" if stored is None else f"# {one.id} of the store, changed {described['updated_at']} by {stored.updated_by}"
        )
        if one.problem:
            print(f"# {printable(one.problem, 1000)}")
        print(f"[[{self._kind.section}]]")
        for name, value in one.document.items():
            print(f"{name} = {toml_value(value)}")

    def _cells(self, one: DeclaredObject) -> tuple[str, ...]:
        entry = ", ".join(f"{name} = {toml_value(value)}" for name, value in one.document.items() if name != "name")
        return one.stored.id if one.stored is not None else "-", printable(one.name, 60), one.place or "store", printable(entry, _ENTRY_CHARS_MAX)


def refusals_of(one: DeclaredObject, data_dir: str) -> list[LearntRefusal]:
    """What the targets of an endpoint were learnt to refuse; nothing for an object of another kind."""
    targets = [target for name in ("targets", "fallbacks") for target in one.document.get(name, ()) if isinstance(target, dict)]
    named = {(target.get("provider"), target.get("model")) for target in targets}
    return [each for each in read_refusals(data_dir) if (each.provider, each.model) in named] if named else []


def objects_configuration(asked: str, data: DataDirectory) -> Configuration:
    """The configuration beside which a store's objects are declared: that of the gateway that uses the store, unless another is asked for."""
    stated = read_configuration(str(data.root))
    file = asked or (stated.file if Path(stated.file).is_file() else "")
    configuration = load_without_secrets(file, os.environ, demo=stated.demo)
    known = {provider.name for provider in configuration.providers}
    others = (Provider(name, dialect, "") for name, dialect in stated.providers if name not in known)
    return msgspec.structs.replace(configuration, providers=(*configuration.providers, *others))


@contextmanager
def over_objects(made: Callable[[ObjectStore, Callable[[], Configuration], Clock], T], asked: str, data: str) -> Generator[T]:
    """Use-cases made over the store's objects and the configuration beside them; the store is closed afterwards."""
    directory = existing_store(data)
    configuration = objects_configuration(asked, directory)
    store, _ = open_state(directory)
    try:
        yield made(ObjectStore(store.database), lambda: configuration, SystemClock())
    finally:
        store.close()


endpoint = app_of(KINDS["endpoint"], "List and change endpoints: what agents may ask for as their model.")
grant = app_of(KINDS["grant"], "List and change grants: who may use which endpoints.")
limit = app_of(KINDS["limit"], "List and change rate limits.")

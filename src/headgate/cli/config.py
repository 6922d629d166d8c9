"""`headgate config init|schema|show`: a file to start with, its JSON Schema, and the effective values with what set each."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from headgate.cli.foreign_config import converted_text, read_foreign
from headgate.cli.options import ConfigOption, DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, printable
from headgate.cli.stored_objects import counted, stored_objects
from headgate.config.effective import EffectiveValue, effective_values
from headgate.config.load import load
from headgate.config.paths import CONFIG_NAME
from headgate.config.problems import ConfigError, Problem
from headgate.config.schema import Settings, json_schema
from headgate.config.toml_text import SCHEMA_NAME, starter, toml_value

app = typer_app("Write and show the configuration.")


@app.command()
@reports_errors
def init(
    source: Annotated[
        str, typer.Argument(metavar="[FILE]", help="The configuration to convert, with --from; a - reads standard input.", show_envvar=False)
    ] = "",
    of: Annotated[str, typer.Option("--from", metavar="GATEWAY", help="Convert the configuration of another gateway: litellm.")] = "",
    keys: Annotated[
        str, typer.Option("--keys", metavar="FILE", help="LiteLLM's virtual keys, as GET /key/list?return_full_object=true answers.")
    ] = "",
    config: ConfigOption = "",
) -> None:
    """Write a headgate.toml to start with, every setting explained and commented out, and its JSON Schema next to it. Nothing is overwritten.

    With --from, the file has what another gateway's configuration says; what cannot be converted is listed.
    """
    if bool(of) != bool(source):
        raise typer.BadParameter("--from and FILE belong together: `headgate config init --from litellm FILE`.")
    file = Path(config or CONFIG_NAME).expanduser().absolute()
    schema_file = file.with_name(SCHEMA_NAME)
    converted = read_foreign(of, source, keys) if of else None
    if not _write(file, starter() if converted is None else converted_text(converted, source)):
        raise ConfigError([Problem(str(file), 0, "", "is there already, and is left as it is")])
    written = f"{file} and {SCHEMA_NAME}" if _write(schema_file, _schema_text()) else str(file)
    sys.stderr.write(f"Wrote {written}. `headgate check` reads it as a start would.\n")
    if converted is not None and converted.notes:
        sys.stderr.write("Look at these; they are in the file too:\n" + "".join(f"  {printable(note, 400)}\n" for note in converted.notes))


@app.command()
@reports_errors
def schema() -> None:
    """Print the JSON Schema of headgate.toml, for editors."""
    print(_schema_text(), end="")


@app.command()
@reports_errors
def show(config: ConfigOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
    """Print every setting with its value and what set it, as a valid headgate.toml. Secrets stay references. What the store declares is only counted."""
    configuration = load(config, os.environ, probe=lambda _address: None)
    stored = stored_objects(data)
    values = effective_values(configuration, stored)
    if as_json:
        print(json_text({each.name: {"value": each.value, "origin": each.origin} for each in values}))
        return
    for line in _toml(configuration.settings, values):
        print(line)
    told = counted(stored)
    if told:
        print(f"\n# The store declares more: {told}")


def _schema_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _write(file: Path, text: str) -> bool:
    """Create a file; False if it exists already."""
    try:
        with open(file, "x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise ConfigError([Problem(str(file), 0, "", f"cannot be written: {error.strerror}")]) from error
    return True


def _toml(settings: Settings, values: Sequence[EffectiveValue]) -> list[str]:
    lines: list[str] = []
    section = ""
    for each in values:
        if len(each.path) == 1:
            continue
        if each.path[0] != section:
            section = each.path[0]
            lines += ["", f"[{section}]"]
        lines += [f"# {each.help_text}", f"{each.path[1]} = {toml_value(each.value)}  # {each.origin}"]
    written = msgspec.to_builtins(settings)
    for name in ("providers", "endpoints", "prices", "model_profiles", "limits", "budgets"):
        for entry, read in zip(written[name], getattr(settings, name), strict=True):
            default = msgspec.to_builtins(type(read)())
            lines += ["", f"[[{name}]]", *(f"{key} = {toml_value(value)}" for key, value in entry.items() if value != default[key])]
    return lines[1:]

"""`headgate preview list|on|off`: they work on the store itself, whether the gateway runs or not; a running gateway follows within two seconds."""

import sys
from typing import Annotated

import msgspec
import typer

from headgate.admin.previews import PreviewAdmin, PreviewSwitch
from headgate.cli.objects import over_objects
from headgate.cli.options import ConfigOption, DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, print_table, printable
from headgate.core.acting import acting

app = typer_app("Show previews and switch them on and off.")

Which = Annotated[str, typer.Argument(metavar="NAME", help="The preview, such as coding_agents.", show_envvar=False)]


@app.command("list")
@reports_errors
def list_previews(config: ConfigOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
    """List previews, and where each is switched: in the configuration, or in the store."""
    with over_objects(PreviewAdmin, config, data) as previews:
        found = previews.all()
    if as_json:
        print(json_text([msgspec.to_builtins(each) for each in found]))
        return
    print_table(("NAME", "STATE", "DECLARED", "SWITCHED BY"), [_cells(each) for each in found])


@app.command("on")
@reports_errors
def switch_on(name: Which, config: ConfigOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
    """Switch a preview on for everybody."""
    _switch(name, config, data, enabled=True, as_json=as_json)


@app.command("off")
@reports_errors
def switch_off(name: Which, config: ConfigOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
    """Switch a preview off for everybody. Requests that need it are answered 404 with FEATURE_DISABLED."""
    _switch(name, config, data, enabled=False, as_json=as_json)


def _switch(name: str, config: str, data: str, *, enabled: bool, as_json: bool) -> None:
    with over_objects(PreviewAdmin, config, data) as previews:
        done = previews.switch(name, acting().who, enabled=enabled)
    if as_json:
        print(json_text(msgspec.to_builtins(done)))
    else:
        sys.stderr.write(f"The preview {name} is {'on' if enabled else 'off'}. A running gateway follows within two seconds.\n")


def _cells(each: PreviewSwitch) -> tuple[str, ...]:
    return (each.name, "on" if each.enabled else "off", printable(each.declared_at or "–", 60), printable(each.updated_by or "–", 40))

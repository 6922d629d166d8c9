"""The templates of the pages: Jinja2 with automatic escaping. A name that a template uses and a page does not give is an error."""

from functools import cache
from typing import TYPE_CHECKING

from headgate import __version__
from headgate.core.dialect_names import dialect_name
from headgate.web.ui import formats
from headgate.web.ui.assets import asset_path

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # ruff: ignore[import-outside-top-level] a start does not wait for it

    environment = Environment(
        loader=PackageLoader("headgate.web.ui"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    environment.filters |= formats.FORMATS
    environment.globals |= {"asset": asset_path, "dialect_name": dialect_name, "version": __version__}
    return environment


def render(template: str, **values: object) -> str:
    """The text of a template with these values. Every value is escaped."""
    return _environment().get_template(template).render(**values)

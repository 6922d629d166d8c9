"""Migrates an old store to the present tables, with Alembic, within the caller's transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from headgate.core.errors import Unavailable

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations that are due. A store of a newer Headgate is refused untouched."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise Unavailable("The store is of another release of Headgate, most likely a newer one. Use that release, or restore a backup.") from error


def newest_revision() -> str:
    """The revision that the migrations lead to."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head() or ""

"""A Delta table as INSERT finds it, and the guard that keeps rows from tables whose features the flusher does not write.

Source for the features: https://github.com/delta-io/delta/blob/master/PROTOCOL.md, "Requirements for Writers".
"""

import msgspec
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from headgate.admin.insert_ports import InsertTarget
from headgate.catalog import types
from headgate.core.errors import BadRequest, NotFound
from headgate.storage.delta import object_store

_WRITTEN = frozenset({"appendOnly", "invariants", "timestampNtz", "variantType", "variantType-preview", "domainMetadata", "v2Checkpoint"})
_OF_COLUMNS = {
    "delta.invariants": "column invariants",
    "delta.generationExpression": "generated columns",
    "delta.identity.start": "identity columns",
    "CURRENT_DEFAULT": "column defaults",
}


def look(location: str, title: str) -> InsertTarget:
    """The table at a place. Refuses one that takes no rows from here."""
    remote = object_store.is_remote(location)
    try:
        table = DeltaTable(location, storage_options=dict(object_store.OPTIONS) if remote else None)
    except TableNotFoundError as error:
        raise NotFound(f"[DELTA_TABLE_NOT_FOUND] The files of {title} are missing.", code="DELTA_TABLE_NOT_FOUND") from error
    except (DeltaError, ValueError, OSError) as error:
        if remote and isinstance(error, OSError):
            raise object_store.explained(error, title) from error
        raise BadRequest(f"[DELTA_CANNOT_OPEN] {title} cannot be read.", code="DELTA_CANNOT_OPEN") from error
    unwritten = sorted(_unwritten(table))
    if unwritten:
        raise BadRequest(
            f"[DELTA_UNSUPPORTED_FEATURES_FOR_WRITE] {title} uses {', '.join(unwritten)}, which INSERT does not write. Append with the engine that made it.",
            code="DELTA_UNSUPPORTED_FEATURES_FOR_WRITE",
        )
    return InsertTarget(types.from_delta_json(table.schema().to_json()), str(table.metadata().id))


def _unwritten(table: DeltaTable) -> set[str]:
    """What the table has that its writers must heed, and that is not heeded here."""
    protocol, settings = table.protocol(), table.metadata().configuration
    found = (set(protocol.writer_features or ()) | set(protocol.reader_features or ())) - _WRITTEN
    if any(key.startswith("delta.constraints.") for key in settings):
        found.add("CHECK constraints")
    if settings.get("delta.columnMapping.mode", "none") != "none":
        found.add("columnMapping")
    if settings.get("delta.enableChangeDataFeed", "false") == "true":
        found.add("changeDataFeed")
    columns = msgspec.json.decode(table.schema().to_json())["fields"]
    found.update(word for key, word in _OF_COLUMNS.items() for column in columns if key in column.get("metadata", {}))
    return found

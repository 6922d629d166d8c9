"""What the store of a data directory declares beside the configuration file, for commands that show both. It makes no store and changes nothing."""

import os
from collections import Counter
from collections.abc import Sequence

from headgate.cli.store import owned_store
from headgate.config.objects import KINDS
from headgate.config.paths import data_directory
from headgate.core.stored_object import StoredObject
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.store import open_state


def stored_objects(asked: str, *, demo: bool = False) -> Sequence[StoredObject]:
    """The objects of the store; none if there is no store. A store that another user owns, or that is not Headgate's, is refused."""
    data = data_directory(asked, os.environ, demo=demo)
    if not owned_store(data):
        return ()
    store, _ = open_state(data)
    try:
        return ObjectStore(store.database).list_objects()
    finally:
        store.close()


def counted(objects: Sequence[StoredObject]) -> str:
    """How many of each kind, and the commands that show them: `2 endpoints, 1 limit (headgate endpoint list, headgate limit list)`."""
    counts = Counter(one.kind for one in objects)
    kinds = [kind for kind in KINDS.values() if counts[kind.word]]
    named = ", ".join(f"{counts[kind.word]} {kind.word if counts[kind.word] == 1 else kind.section}" for kind in kinds)
    commands = ", ".join(f"headgate {kind.word} {'declared' if kind.word == 'budget' else 'list'}" for kind in kinds)
    return f"{named} ({commands})" if kinds else ""

"""What a connection changes in an agent's files, all checked before anything is written; and the writing and the undo of it.

A file that Headgate has changed before is first taken back to what it was, so that what is recorded is always the user's own text.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from headgate.agents.merge import SettingChange, merged, undone
from headgate.agents.setting import AgentFile
from headgate.agents.text_form import Broken, CannotSet
from headgate.cli.connected import Connected, ConnectedFile
from headgate.cli.private_file import PRIVATE, SHARED, FoundFile, check_writable, delete_file, read_file, replace_file
from headgate.core.errors import BadRequest, Forbidden


class FilePlan(NamedTuple):
    """One file: where it really is, what it shall hold, and the changes for a user to read; none if it is as it should be."""

    agent: str
    file: AgentFile
    path: Path
    found: FoundFile | None
    before: FoundFile | None
    text: str
    changes: tuple[SettingChange, ...]
    removed: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be written."""
        return not self.changes and not self.removed


class Undone(NamedTuple):
    """What became of one file: `restored` is byte for byte as it was, `cleaned` keeps the user's later edits."""

    place: str
    how: str


def plan_file(agent: str, file: AgentFile, connected: Connected) -> FilePlan:
    """What is to be done with a file. Raises GatewayError, in words for people, if it cannot be changed."""
    path = real_path(file.place)
    found = read_file(path)
    record = connected.files.get(str(path))
    wanted = {setting.path for setting in file.settings}
    try:
        changes = merged(file.form, found.text if found else "", file.settings).changes
        removed = [".".join(each) for each in record.paths if each not in wanted] if record is not None and found is not None else []
        before = _before(found, record)
        text = merged(file.form, before.text if before else "", file.settings).text
    except Broken as error:
        raise BadRequest(f"{path} line {error.line}: {error.reason}. Correct it and try again; it is unchanged.") from error
    except CannotSet as error:
        raise BadRequest(
            f"{path} has no place for {error}, because something else is written there. Add it by hand, or remove what is there."
        ) from error
    plan = FilePlan(agent, file, path, found, before, text, changes, tuple(removed))
    if not plan.is_done:
        check_writable(path)
    return plan


def write_plans(plans: Sequence[FilePlan], connected: Connected) -> Connected:
    """Write the files of one agent, all or none. Returns what is connected then."""
    files = dict(connected.files)
    written: list[tuple[FilePlan, list[str]]] = []
    try:
        for plan in plans:
            if not plan.is_done:
                made = replace_file(plan.path, plan.text, _mode(plan))
                written.append((plan, made))
                files[str(plan.path)] = _recorded(plan, made, connected.files.get(str(plan.path)))
    except OSError as error:
        for plan, made in written:
            _put_back(plan.path, plan.found, made)
        raise Forbidden(f"{error.filename or plan.path} cannot be written: {error.strerror}. No file is changed.") from error
    return msgspec.structs.replace(connected, files=files)


def undo_file(path: Path, record: ConnectedFile) -> Undone:
    """Take Headgate's settings out of a file again."""
    found = read_file(path)
    if found is None:
        return Undone(record.place, "is gone already")
    try:
        text = undone(record.form, record.before, record.after, found.text, record.paths)
    except (Broken, CannotSet) as error:
        raise BadRequest(f"{path} cannot be read ({error}). Correct it and try again; it is unchanged.") from error
    if text == found.text:
        return Undone(record.place, "has nothing of Headgate's any more")
    check_writable(path)
    if text is None:
        delete_file(path, record.made_folders)
        return Undone(record.place, "is deleted: there was none before")
    replace_file(path, text, record.mode_before or found.mode)
    return Undone(record.place, "is as it was" if text == record.before else "keeps your later changes; Headgate's settings are gone")


def real_path(place: str) -> Path:
    """Where a place really is: below HOME or the working directory, symbolic links followed."""
    return Path(os.path.realpath(os.path.expanduser(place)))


def _before(found: FoundFile | None, record: ConnectedFile | None) -> FoundFile | None:
    if found is None or record is None:
        return found
    text = undone(record.form, record.before, record.after, found.text, record.paths)
    return None if text is None else FoundFile(text, record.mode_before or found.mode)


def _mode(plan: FilePlan) -> int:
    if any(setting.secret for setting in plan.file.settings):
        return PRIVATE
    if plan.found is not None:
        return plan.found.mode
    return SHARED if plan.file.place.startswith("/") else PRIVATE


def _recorded(plan: FilePlan, made: list[str], record: ConnectedFile | None) -> ConnectedFile:
    before = plan.before
    return ConnectedFile(
        agent=plan.agent,
        place=plan.file.place,
        form=plan.file.form,
        before=None if before is None else before.text,
        mode_before=0 if before is None else before.mode,
        after=plan.text,
        paths=tuple(setting.path for setting in plan.file.settings),
        made_folders=made or (record.made_folders if record is not None else []),
    )


def _put_back(path: Path, found: FoundFile | None, made: list[str]) -> None:
    if found is None:
        delete_file(path, made)
    else:
        replace_file(path, found.text, found.mode)

"""The `databricks-…` names of the integration page, and the native names they stand for. By rule, with a small table for what no rule covers."""

import re

from headgate.routing.known_models import ODD_ALIASES

PREFIX = "databricks-"
_LONG_CONTEXT = "[1m]"
_DASHED_VERSION = re.compile(r"^(gpt|gemini)-(\d{1,2})-(\d{1,2})(?=-|$)")
_DATE = re.compile(r"-20\d{6}$|-20\d\d-\d\d-\d\d$")


def without_suffix(model: str) -> str:
    """The name without Claude Code's `[1m]`, which asks for the long context.

    Claude Code strips it itself and says the same with a beta header, which is passed on; no provider knows a model of the suffixed name, so it is
    not sent.
    """
    return model.removesuffix(_LONG_CONTEXT)


def native_of(alias: str) -> str:
    """The native name that a `databricks-…` name stands for, or empty if it is not one: `databricks-gpt-5-2` is `gpt-5.2`."""
    if not alias.startswith(PREFIX):
        return ""
    return ODD_ALIASES.get(alias) or _DASHED_VERSION.sub(r"\1-\2.\3", alias.removeprefix(PREFIX))


def databricks_of(native: str) -> str:
    """The name by which Databricks serves a native model: prefix, dashes for dots, no date."""
    for alias, odd in ODD_ALIASES.items():
        if odd == native:
            return alias
    return PREFIX + _DATE.sub("", native).replace(".", "-")

"""The names that Cursor derives from a model's: `<model>-thinking-<effort>`, `<model>-thinking` and `<model>-fast`, also `-thinking-<effort>-fast`.

No provider knows such a name. Where no endpoint has it, the model itself is meant, with that effort and in the tier that is served fast.
"""

import re
from typing import Final

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.lenient import decoded, mapping
from headgate.dialects.parameters import edited, insertion
from headgate.dialects.scan import spell

_ANY: Final = msgspec.json.Decoder()
_NULL: Final = msgspec.Raw(b"null")
_NAME: Final = re.compile(r"(?P<base>.+?)(?P<thinking>-thinking(?:-(?P<effort>minimal|low|medium|high|xhigh|max))?)?(?P<fast>-fast)?")
_USUAL_EFFORT: Final = "medium"
_FAST: Final = "priority"


class Variant(msgspec.Struct, frozen=True):
    """What a derived name says: the model, how much it is to think, and the tier that it is asked in. What it does not say is empty."""

    base: str
    effort: str = ""
    tier: str = ""


def variant_of(name: str) -> Variant | None:
    """What a name says that may be derived from another one; `None` for any other name."""
    found = _NAME.fullmatch(name)
    if found is None or not (found["thinking"] or found["fast"]):
        return None
    effort = found["effort"] or (_USUAL_EFFORT if found["thinking"] else "")
    return Variant(found["base"], effort, _FAST if found["fast"] else "")


def meant(asked: Asked) -> bytes | None:
    """The body as it is meant if its model has a derived name: of the model itself, with what the name says unless the body says it; `None` for any other."""
    variant = variant_of(asked.model)
    if variant is None or asked.model_span is None:
        return None
    members = {"reasoning_effort": variant.effort, "service_tier": variant.tier}
    added = {name: value for name, value in members.items() if value and not _states(asked, name)}
    edits = [(*asked.model_span, spell(variant.base))]
    edits += [insertion(asked.body, spell(name) + b":" + spell(value)) for name, value in added.items()]
    return edited(asked, edits, {}).body


def _states(asked: Asked, name: str) -> bool:
    if name in asked.fields:
        return True
    reasoning = mapping(decoded(_ANY, asked.fields.get("reasoning", _NULL)))
    return name == "reasoning_effort" and bool(reasoning.get("effort"))

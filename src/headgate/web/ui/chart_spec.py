"""Which Vega-Lite a chart may have: marks, encodings, layers, transforms and parameters over the tile's rows, and nothing that loads or links.

It checks what a person writes by mistake most often; Vega-Lite itself, in the browser, says the rest.
"""

from collections.abc import Iterator

import yaml

from headgate.core.spelling import did_you_mean, nearest
from headgate.web.ui.file_sections import FileProblems

KEYS = ("mark", "encoding", "layer", "transform", "params", "resolve", "height")
_OURS = {
    "data": "The rows come from the tile's `sql`.",
    "datasets": "The rows come from the tile's `sql`.",
    "title": "The title is the tile's `title`.",
    "width": "The width is the tile's `width`, in columns.",
    "config": "Colours and fonts come from Headgate's theme.",
    "$schema": "It is always the Vega-Lite that Headgate ships.",
}
_NOWHERE = {
    "data": "rows come from the tile's `sql` alone",
    "url": "a chart loads nothing",
    "href": "a chart has no links: use the tile's `click`",
}
_MARKS = ("arc", "area", "bar", "boxplot", "circle", "errorband", "errorbar", "line", "point", "rect", "rule", "square", "text", "tick", "trail")
_CHANNELS = (
    "angle", "color", "column", "description", "detail", "facet", "fill", "fillOpacity", "key", "latitude", "longitude", "opacity", "order", "radius",
    "radius2", "row", "shape", "size", "stroke", "strokeDash", "strokeOpacity", "strokeWidth", "text", "theta", "theta2", "tooltip", "x", "x2", "xError",
    "xError2", "xOffset", "y", "y2", "yError", "yError2", "yOffset",
)  # fmt: skip


def check_chart(node: yaml.Node, problems: FileProblems) -> None:
    """Note what is wrong with the specification."""
    if not isinstance(node, yaml.MappingNode):
        problems.note(node, "`chart` is a Vega-Lite specification: a mapping with `mark` and `encoding`.")
        return
    keys = set()
    for key, _ in node.value:
        name = str(key.value)
        keys.add(name)
        if name in _OURS:
            problems.note(key, f"`{name}` does not belong in `chart`. {_OURS[name]}")
        elif name not in KEYS:
            meant = did_you_mean(nearest(name, sorted(KEYS))) or f" Known: {', '.join(KEYS)}."
            problems.note(key, f"`{name[:64]}` is no part of a chart.{meant}")
    if not keys & {"mark", "layer"}:
        problems.note(node, "`chart` needs a `mark`, such as `mark: bar`, or `layer`.")
    for name, key, value in _everywhere(node):
        if name in _NOWHERE:
            problems.note(key, f"`{name}` is not supported in a chart: {_NOWHERE[name]}.")
        elif name == "mark":
            _check_mark(value, problems)
        elif name == "encoding":
            _check_channels(value, problems)


def _check_mark(node: yaml.Node, problems: FileProblems) -> None:
    kind = next((value for key, value in node.value if key.value == "type"), None) if isinstance(node, yaml.MappingNode) else node
    if kind is None:
        problems.note(node, "A mark has a `type`, such as `type: bar`.")
    elif str(kind.value) not in _MARKS:
        meant = did_you_mean(nearest(str(kind.value), _MARKS)) or f" Known: {', '.join(_MARKS)}."
        problems.note(kind, f"`{str(kind.value)[:64]}` is no mark.{meant}")


def _check_channels(node: yaml.Node, problems: FileProblems) -> None:
    if not isinstance(node, yaml.MappingNode):
        problems.note(node, "`encoding` is a mapping of channels, such as `x: {field: bucket, type: temporal}`.")
        return
    for key, _ in node.value:
        if key.value not in {*_CHANNELS, *_NOWHERE}:
            meant = did_you_mean(nearest(str(key.value), sorted(_CHANNELS)))
            problems.note(
                key, f"`{str(key.value)[:64]}` is no channel of an encoding.{meant or ' Common ones are x, y, color, opacity, size and text.'}"
            )


def _everywhere(node: yaml.Node) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Every key of the specification with its value, at any depth, except the keys at the top that were refused already."""
    pending: list[tuple[yaml.Node, bool]] = [(node, True)]
    while pending:
        current, at_top = pending.pop()
        if isinstance(current, yaml.SequenceNode):
            pending.extend((part, False) for part in current.value)
        elif isinstance(current, yaml.MappingNode):
            for key, value in current.value:
                if not (at_top and str(key.value) in _OURS):
                    yield str(key.value), key, value
                    pending.append((value, False))

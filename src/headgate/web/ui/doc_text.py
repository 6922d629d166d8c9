"""The documentation that is installed with Headgate, as Markdown and as HTML. Read once and kept; nothing in it is this gateway's but its address."""

import itertools
import re
from functools import cache
from pathlib import Path
from typing import Final

from headgate.core.errors import NotFound

_HERE: Final = Path(__file__).resolve()
_FOLDERS: Final = (_HERE.parents[2] / "docs", _HERE.parents[4] / "docs")  # in a wheel; in a clone
_NAME: Final = re.compile(r"[a-z][a-z-]{0,63}")
_COMMENT: Final = re.compile(r"^\s*<!-- .* -->\n", re.MULTILINE)
_EXAMPLE: Final = "http://127.0.0.1:8484"  # the address that the examples have
_INDEX: Final = "index"


def doc_markdown(name: str, url: str) -> str:
    """A page as Markdown, with this gateway's address in its examples. Raises NotFound for a page that is none."""
    return _read(name).replace(_EXAMPLE, url)


def doc_html(name: str, url: str) -> str:
    """The same as HTML. It holds no markup but what the Markdown means."""
    return _rendered(name).replace(_EXAMPLE, url)


def doc_title(name: str) -> str:
    """The title of a page."""
    return _read(name).partition("\n")[0].removeprefix("# ")


def doc_names() -> list[str]:
    """The pages, the index first."""
    names = sorted(path.stem for folder in _FOLDERS for path in folder.glob("*.md"))
    return [_INDEX, *(name for name in dict.fromkeys(names) if name != _INDEX)]


@cache
def _read(name: str) -> str:
    if _NAME.fullmatch(name):
        for folder in _FOLDERS:
            path = folder / f"{name}.md"
            if path.is_file():
                return _COMMENT.sub("", path.read_text(encoding="utf-8"))
    raise NotFound(f"There is no page {name[:64]!r} in the documentation. /docs lists all of them.")


@cache
def _rendered(name: str) -> str:
    from markdown_it import MarkdownIt  # ruff: ignore[import-outside-top-level] a start does not wait for it

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(_read(name))
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", _anchor(inline.content))
        for part in inline.children or ():
            if part.type == "link_open" and str(part.attrGet("href")).startswith("../"):  # a file of the source, which is not served
                part.attrs.clear()
    return str(parser.renderer.render(tokens, parser.options, {}))


def _anchor(heading: str) -> str:
    """The name of a heading in a link, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")

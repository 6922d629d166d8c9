"""The sources of an answer, in Gemini's words: pages, and which text each of them supports (types `GroundingMetadata` of the `google-genai` SDK 3.4)."""

from collections.abc import Sequence

import msgspec

from headgate.core.event import Cited
from headgate.dialects.lenient import count, decoded, items, mapping, text

_ANY = msgspec.json.Decoder()
_SOURCES_MAX = 1_000  # that are read of one answer


class Grounding:
    """Collects the citations of one answer while its text grows."""

    def __init__(self) -> None:
        self._length_bytes = 0
        self._pages: dict[str, str] = {}  # titles by URL
        self._supports: dict[tuple[int, str], list[int]] = {}  # pages by the end and the words of what they support

    def grow(self, text: str) -> None:
        """More text of the answer."""
        self._length_bytes += len(text.encode(errors="replace"))

    def cite(self, cited: Cited) -> None:
        """A source of the text so far."""
        self._pages.setdefault(cited.url, cited.title)
        page = list(self._pages).index(cited.url)
        pages = self._supports.setdefault((self._length_bytes, cited.quote), [])
        if page not in pages:
            pages.append(page)

    def metadata(self) -> dict[str, object]:
        """The `groundingMetadata` of a candidate; empty without citations."""
        if not self._pages:
            return {}
        chunks = [{"web": {"uri": url, "title": title or url}} for url, title in self._pages.items()]
        supports = [
            {"segment": {"endIndex": end, **({"text": quote} if quote else {})}, "groundingChunkIndices": pages}
            for (end, quote), pages in self._supports.items()
        ]
        return {"groundingChunks": chunks, "groundingSupports": supports}


def cited_in(raw: msgspec.Raw | bytes) -> Sequence[tuple[str, str, str]]:
    """URL, title and quoted text of each source in a `groundingMetadata`; a page that supports no text in particular quotes none. Never raises."""
    metadata = mapping(decoded(_ANY, raw))
    pages = [_page(chunk) for chunk in items(metadata.get("groundingChunks"))[:_SOURCES_MAX]]
    found: dict[tuple[str, str, str], None] = {}
    supported: set[int] = set()
    for support in map(mapping, items(metadata.get("groundingSupports"))[:_SOURCES_MAX]):
        quote = text(mapping(support.get("segment")).get("text"))
        for index in items(support.get("groundingChunkIndices")):
            place = count(index)
            if place is not None and place < len(pages) and pages[place][0]:
                supported.add(place)
                found[*pages[place], quote] = None
    found |= {(*page, ""): None for place, page in enumerate(pages) if place not in supported and page[0]}
    return list(found)[:_SOURCES_MAX]


def _page(chunk: object) -> tuple[str, str]:
    fields = mapping(chunk)
    page = mapping(fields.get("web")) or mapping(fields.get("maps")) or mapping(fields.get("retrievedContext"))
    return text(page.get("uri")), text(page.get("title"))

"""Two hundred texts that would run, if a page took them for markup, script, style, template or formula. Each would leave a mark that a test finds."""

# A browser that runs one of them sets `pwned` on its window, asks for /pwned, or has an element with the attribute `data-pwned`.
RUN = "window.pwned=1;fetch('/pwned')"
_CONTEXTS = (
    "",
    '">',
    "'>",
    "</title>",
    "</textarea></script>",
    "-->]]>",
    "`${",
    "</td></table>",
    '" autofocus onfocus="' + RUN + '" x="',
    "</svg></noscript>",
)
_BODIES = (
    f"<script data-pwned>{RUN}</script>",
    f"<img data-pwned src=x onerror={RUN}>",
    f"<svg data-pwned onload={RUN}>",
    f'<iframe data-pwned srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f"<details data-pwned open ontoggle={RUN}>",
    f"<a data-pwned href=javascript:{RUN}>x</a>",
    f"javascript:{RUN}",
    "<meta data-pwned http-equiv=refresh content=0;url=/pwned>",
    "<base data-pwned href=/pwned/>",
    "<link data-pwned rel=stylesheet href=/pwned.css>",
    "<style data-pwned>@import '/pwned.css';*{background:url(/pwned)}</style>",
    f"<form data-pwned action=/pwned><button formaction=javascript:{RUN}>",
    f"<math data-pwned><mtext><img src=x onerror={RUN}>",
    "{{7*7}}{% include '/etc/passwd' %}{{config.__class__.__init__.__globals__}}",
    f"datum['x'];constructor.constructor(\"{RUN}\")()//[[1,2]]",
    "}*{color:red}body{background:url(/pwned)}/*",
    "\x1b[31mred\x1b]8;;/pwned\x07link\x1b]8;;\x07",
    f"a\u2028{RUN}\u2029b\u202etxet\u202c\u200f\ufeff",
    '=HYPERLINK("/pwned","x")+cmd|\' /C calc\'!A0',
    f"<script data-pwned>{RUN}</script>" + "long " * 300,
)
HOSTILE = tuple(context + body for context in _CONTEXTS for body in _BODIES)
# A third of them, with every context and every body several times.
SOME = tuple(context + body for i, context in enumerate(_CONTEXTS) for j, body in enumerate(_BODIES) if (i + j) % 3 == 0)


def in_header(text: str) -> str:
    """The text as a client may write it into a header: UTF-8 in the characters of the wire, without control characters."""
    return "".join(each for each in text if each.isprintable() or each in "\u2028\u202e").encode().decode("latin-1")[:2000]

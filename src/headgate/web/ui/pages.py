"""The pages of the first release: sign in, and what runs here with each agent's configuration filled in. Every value is escaped; no page needs a script."""

import html
from collections.abc import Callable, Sequence
from http import HTTPStatus
from importlib import resources
from string import Template

import msgspec

from headgate import __version__
from headgate.core.endpoint import Endpoint, Target
from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.routing.choice import is_split
from headgate.web.edge import Answer, retry_after
from headgate.web.ui.agents import AGENTS, AgentSetup, Snippet

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
BROWSER_HEADERS: Headers = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]

_FORMATS = {"anthropic": "Anthropic", "openai": "OpenAI", "openai_chat": "OpenAI Chat", "openai_responses": "OpenAI Responses", "gemini": "Gemini"}
_NO_ENDPOINTS = """\
<p class="empty">None yet. Set a provider’s key, such as <code>ANTHROPIC_API_KEY</code>, and start Headgate again, or write <code>headgate.toml</code>:
<code>headgate config init</code> makes one to begin with.</p>"""


class Home(msgspec.Struct, frozen=True):
    """What the start page shows. `url` is where the browser reaches the gateway; `troubles` say why it is not ready, if it is not, and `warnings` what
    is wrong while it serves.
    """

    url: str
    user: str
    endpoints: Sequence[Endpoint]
    troubles: Sequence[str] = ()
    warnings: Sequence[str] = ()


def asset(name: str) -> bytes:
    """A static file of the package. Raises FileNotFoundError."""
    return resources.files("headgate.web.ui").joinpath("static", name).read_bytes()


def home(shown: Home) -> str:
    """What runs here, and how each agent is pointed at it."""
    body = _template("home.html").substitute(
        url=_text(shown.url),
        state='<p class="state bad">Not ready</p>' if shown.troubles else '<p class="state good">Ready</p>',
        said="\n".join((*(_said(each, "bad") for each in shown.troubles), *(_said(each, "warn") for each in shown.warnings))),
        agents="\n".join(_agent(agent, shown.url) for agent in AGENTS),
        endpoints=_endpoints(shown.endpoints),
        count=len(shown.endpoints),
    )
    return _page("Home", body, _template("signed_in.html").substitute(user=_text(shown.user)))


def sign_in() -> str:
    """How a browser is signed in."""
    return _page("Sign in", _template("sign_in.html").substitute(said=""))


def confirm_sign_in(secret: str) -> str:
    """A one-time link as it is opened: one button, which spends it."""
    return _page("Sign in", _template("confirm_sign_in.html").substitute(secret=_text(secret)))


def link_spent() -> str:
    """The same, for someone whose link did not work."""
    said = _said("This link was used before, is older than ten minutes, or its token was revoked.", "bad")
    return _page("Sign in", _template("sign_in.html").substitute(said=said))


def refused(status: int, text: str) -> str:
    """Why an address or a button does not do what the person asked for."""
    title = HTTPStatus(status).phrase
    return _page(title, _template("refused.html").substitute(title=_text(title), said=_said(text, "bad")))


def for_browser(headers: Headers) -> bool:
    """Whether the client asks for HTML, as browsers do for a page and agents and SDKs never do."""
    return any(name == b"accept" and b"text/html" in value for name, value in headers)


def refused_page(error: GatewayError) -> Answer:
    """The page that shows a refusal to a person."""
    headers = [*BROWSER_HEADERS, *retry_after(error), (b"content-type", b"text/html; charset=utf-8")]
    return error.status, headers, refused(error.status, error.message).encode()


def _said(text: str, how: str) -> str:
    return f'<p class="said {how}" role="alert">{_text(text)}</p>'


def _agent(agent: AgentSetup, url: str) -> str:
    snippets = "\n".join(_snippet(snippet, url) for snippet in agent.snippets)
    note = f'\n<p class="soft">{_text(agent.note)}</p>' if agent.note else ""
    return f'<article class="card">\n<h3>{_text(agent.name)}</h3>\n{snippets}{note}\n</article>'


def _snippet(snippet: Snippet, url: str) -> str:
    return f"<figure><figcaption>{_text(snippet.place)}</figcaption>\n<pre><code>{_text(snippet.filled(url))}</code></pre></figure>"


def _endpoints(endpoints: Sequence[Endpoint]) -> str:
    if not endpoints:
        return _NO_ENDPOINTS
    rows = "\n".join(_row(endpoint) for endpoint in endpoints)
    return _template("endpoints.html").substitute(rows=rows)


def _row(endpoint: Endpoint) -> str:
    targets = endpoint.targets
    formats = dict.fromkeys(_FORMATS.get(target.provider.dialect, target.provider.dialect) for target in targets if not target.provider.deleted)
    title = f'<br><span class="soft">{_text(endpoint.display_name)}</span>' if endpoint.display_name else ""
    cells = (
        f"<code>{_text(endpoint.name)}</code>{title}",
        " ".join(f'<span class="tag">{_text(each)}</span>' for each in formats),
        _tried(endpoint, _provider),
        _tried(endpoint, lambda target: target.model or "as asked for"),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _provider(target: Target) -> str:
    share = "" if target.traffic_percent is None else f", {target.traffic_percent} %"
    return f"{target.provider.name}{' (deleted)' if target.provider.deleted else ''}{share}"


def _tried(endpoint: Endpoint, what: Callable[[Target], str]) -> str:
    """Something of each target, a line each, with the word that says when it is tried."""
    between = "or" if is_split(endpoint.targets) else "then"
    words = ["", *[between] * (len(endpoint.targets) - 1), *["if that fails"] * len(endpoint.fallbacks)]
    lines = zip(words, (*endpoint.targets, *endpoint.fallbacks), strict=True)
    return "<br>".join((f'<span class="soft">{word}</span> ' if word else "") + _text(what(target)) for word, target in lines)


def _page(title: str, body: str, aside: str = "") -> str:
    return _template("page.html").substitute(title=_text(title), body=body, aside=aside, version=_text(__version__))


def _template(name: str) -> Template:
    return Template(resources.files("headgate.web.ui").joinpath("templates", name).read_text(encoding="utf-8"))


def _text(value: str) -> str:
    return html.escape(value, quote=True)

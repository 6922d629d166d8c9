"""Texts for people and agents who are not signed in: the documentation, and what sets up agents on another machine. No token and no name is in them."""

from typing import Final

from headgate.core.scopes import PUBLIC
from headgate.web.ui.answers import PageAnswer, page, redirect
from headgate.web.ui.bare_pages import for_browser
from headgate.web.ui.doc_text import doc_html, doc_markdown, doc_names, doc_title
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.setup_scripts import powershell_script, setup_text, shell_script
from headgate.web.ui.templating import render

_SUFFIX: Final = ".md"


def public_text_routes() -> tuple[PageRoute, ...]:
    """`/docs`, `/llms.txt`, `/setup.md` and the scripts."""

    async def script(request: PageRequest) -> PageAnswer:
        return _text(shell_script(request.url))

    async def powershell(request: PageRequest) -> PageAnswer:
        return _text(powershell_script(request.url))

    async def setup(request: PageRequest) -> PageAnswer:
        return _text(setup_text(request.url, request.query.get("agent", "")), "text/markdown")

    async def llms(request: PageRequest) -> PageAnswer:
        return _text(llms_text(request.url))

    async def index(_request: PageRequest) -> PageAnswer:
        return redirect("/docs/index")  # its links are relative

    async def doc(request: PageRequest) -> PageAnswer:
        return _doc(request, request.parameters["name"].removesuffix(_SUFFIX))

    return (
        PageRoute("GET", "/connect.sh", PUBLIC, script),
        PageRoute("GET", "/connect.ps1", PUBLIC, powershell),
        PageRoute("GET", "/setup.md", PUBLIC, setup),
        PageRoute("GET", "/llms.txt", PUBLIC, llms),
        PageRoute("GET", "/docs", PUBLIC, index),
        PageRoute("GET", "/docs/{name}", PUBLIC, doc),
    )


def llms_text(url: str) -> str:
    """`/llms.txt` (https://llmstxt.org): what is here, for a model that reads it."""
    lines = [
        "# Headgate",
        "",
        f"> A self-hosted AI gateway for coding agents, at {url}. It speaks Anthropic Messages ({url}/anthropic), OpenAI Responses and Chat Completions",
        f"> ({url}/openai/v1) and Gemini ({url}/gemini), and takes one Headgate token as the API key.",
        "",
        "## Set up an agent",
        "",
        f"- [Instructions for an agent]({url}/setup.md): all agents; `?agent=claude` for one",
        f"- [Script for a POSIX shell]({url}/connect.sh): reads HEADGATE_TOKEN or asks for it",
        f"- [Script for PowerShell]({url}/connect.ps1): the same",
        "",
        "## Documentation",
        "",
        *(f"- [{doc_title(name)}]({url}/docs/{name}.md)" for name in doc_names()),
    ]
    return "\n".join(lines) + "\n"


def _doc(request: PageRequest, name: str) -> PageAnswer:
    """A page of the documentation: HTML for a browser, Markdown for everything else."""
    if for_browser(request.headers):
        return page(render("doc.html", title=doc_title(name), content=doc_html(name, request.url), is_index=name == "index"))
    return _text(doc_markdown(name, request.url), "text/markdown")


def _text(text: str, kind: str = "text/plain") -> PageAnswer:
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-cache"),
        (b"vary", b"accept, host"),
    ]
    return PageAnswer(200, headers, text.encode())

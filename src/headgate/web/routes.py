"""The one table of routes: what can be asked, in which dialect, and who may ask. A route without an access rule does not start.

Paths are matched exactly, never by prefix, so that no spelling of a path reaches another route. Each gateway path also answers under `/ai-gateway`. The paths
of the three providers' own APIs answer without a mount too, for clients that take one address for all of them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

import msgspec

from headgate.core.headers import Headers
from headgate.core.model_names import may_be_asked
from headgate.core.scopes import INFERENCE, PUBLIC, check_access
from headgate.dialects.faces import Operation

Action = Literal["exchange", "models", "model", "response", "probe", "upgrade", "ignore"]

ALIAS = "/ai-gateway"  # the mount of the page's workspace form of the URLs


class Route(msgspec.Struct, frozen=True):
    """One row: a method and path, who may call it, and what happens. `path` may end in `{model}` or `{model}:verb`, or have `{response}`.

    `told_by` names headers that say which dialect the client speaks, for a path that several dialects have.
    """

    method: str
    path: str
    access: str  # a scope, or PUBLIC
    action: Action
    dialect: str
    operation: Operation | None = None
    told_by: tuple[tuple[bytes, str], ...] = ()

    def dialect_of(self, headers: Headers) -> str:
        """The dialect of a request for this route."""
        if not self.told_by:
            return self.dialect
        names = {name for name, _ in headers}
        return next((dialect for name, dialect in self.told_by if name in names), self.dialect)


class Match(msgspec.Struct, frozen=True):
    """A route that a request hit, with the model or the response that its path names."""

    route: Route
    model: str = ""
    response_id: str = ""


def _exchange(path: str, dialect: str, name: str, api_type: str, *, streams: str = "body", generates: bool = True) -> Route:
    return Route("POST", path, INFERENCE, "exchange", dialect, Operation(name, api_type, streams, generates))


def _messages(mount: str) -> tuple[Route, Route]:
    count = "anthropic/v1/messages/count_tokens"
    return (
        _exchange(f"{mount}/messages", "anthropic", "messages", "anthropic/v1/messages"),
        _exchange(f"{mount}/messages/count_tokens", "anthropic", "count_tokens", count, streams="never", generates=False),
    )


def _codex(mount: str, api: str) -> tuple[Route, ...]:
    count = f"{api}/v1/responses/input_tokens"
    compact = Operation("compact", f"{api}/v1/responses/compact", streams="never", translates=False)
    return (
        _exchange(f"{mount}/responses", "openai_responses", "responses", f"{api}/v1/responses"),
        _exchange(f"{mount}/responses/input_tokens", "openai_responses", "input_tokens", count, streams="never", generates=False),
        # Codex compacts by itself where this is a 404.
        Route("POST", f"{mount}/responses/compact", INFERENCE, "exchange", "openai_responses", compact),
        Route("GET", f"{mount}/responses/{{response}}", INFERENCE, "response", "openai_responses"),
        Route("DELETE", f"{mount}/responses/{{response}}", INFERENCE, "response", "openai_responses"),
        Route("GET", f"{mount}/responses/{{response}}/input_items", INFERENCE, "response", "openai_responses"),
        # Codex falls back to HTTP at once on 426; 404 or 405 would cost it five seconds.
        Route("GET", f"{mount}/responses", INFERENCE, "upgrade", "openai_responses"),
        # Codex reports its costs before a model call once any exporter is set, and goes on whatever it is answered.
        Route("POST", f"{mount}/analytics/codex/turn-costs", PUBLIC, "ignore", "openai_responses"),
    )


def _models(mount: str, dialect: str, told_by: tuple[tuple[bytes, str], ...] = ()) -> tuple[Route, Route]:
    return (
        Route("GET", f"{mount}/models", INFERENCE, "models", dialect, told_by=told_by),
        Route("GET", f"{mount}/models/{{model}}", INFERENCE, "model", dialect, told_by=told_by),
    )


def _gemini(mount: str) -> tuple[Route, ...]:
    model = f"{mount}/models/{{model}}"
    return (
        _exchange(f"{model}:generateContent", "gemini", "generateContent", "gemini/v1/generateContent", streams="never"),
        _exchange(f"{model}:streamGenerateContent", "gemini", "streamGenerateContent", "gemini/v1/generateContent", streams="always"),
        _exchange(f"{model}:countTokens", "gemini", "countTokens", "gemini/v1/countTokens", streams="never", generates=False),
    )


# What the SDKs of Anthropic and of Google send with every request, and OpenAI's does not (docs.anthropic.com/en/api/versioning,
# ai.google.dev/api): all three list models at /v1/models.
_TOLD_BY = ((b"anthropic-version", "anthropic"), (b"x-api-key", "anthropic"), (b"x-goog-api-key", "gemini"))

GATEWAY_ROUTES: tuple[Route, ...] = (
    # Claude Code asks HEAD before its first request, without a credential; any answer but an error from Headgate is fine.
    Route("HEAD", "/anthropic", PUBLIC, "probe", "anthropic"),
    Route("HEAD", "/anthropic/", PUBLIC, "probe", "anthropic"),
    Route("HEAD", "/anthropic/api/hello", PUBLIC, "probe", "anthropic"),
    Route("HEAD", "/api/hello", PUBLIC, "probe", "anthropic"),
    *_messages("/anthropic/v1"),
    *_messages("/v1"),
    *_models("/anthropic/v1", "anthropic"),
    *_codex("/openai/v1", "openai"),
    *_codex("/codex/v1", "codex"),
    *_codex("/v1", "openai"),
    _exchange("/openai/v1/chat/completions", "openai_chat", "chat", "openai/v1/chat/completions"),
    _exchange("/v1/chat/completions", "openai_chat", "chat", "openai/v1/chat/completions"),
    _exchange("/mlflow/v1/chat/completions", "openai_chat", "chat", "mlflow/v1/chat/completions"),
    *_models("/openai/v1", "openai_chat"),
    *_models("/v1", "openai_chat", _TOLD_BY),
    *_models("/codex/v1", "openai_responses"),
    *_models("/mlflow/v1", "openai_chat"),
    _exchange("/cursor/v1/chat/completions", "cursor", "chat", "cursor/v1/chat/completions"),
    *_models("/cursor/v1", "cursor"),
    *(route for version in ("v1beta", "v1") for route in _gemini(f"/gemini/{version}")),  # the provider is asked in v1beta, which takes all of it
    *(route for version in ("v1beta", "v1") for route in _gemini(f"/{version}")),
    *_models("/gemini/v1beta", "gemini"),
    *_models("/gemini/v1", "gemini"),
    *_models("/v1beta", "gemini"),
)

_MODELS = "/models/"  # the text before the model in every path that names one
_RESPONSES = "/responses/"  # and before the response
_RESPONSE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class RouteTable:
    """Exact look-up of method and path. Built once; raises ValueError at start for a route without an access rule, or two for one path."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[tuple[str, str], Match] = {}
        self._named: dict[tuple[str, str, str], Route] = {}  # (method, path before the model, verb behind it)
        self._of_responses: dict[tuple[str, str, str], Route] = {}  # (method, path before the id, path behind it)
        self._paths: set[str] = set()
        for route in routes:
            check_access(f"route {route.method} {route.path}", route.access)
            for path in (route.path, ALIAS + route.path):
                self._add(route, path)

    def find(self, method: str, path: str) -> Match | None:
        """The route of a request, or `None`."""
        match = self._exact.get((method, path))
        if match is not None:
            return match
        kept = self._find_response(method, path)
        if kept is not None:
            return kept
        # A name may hold slashes, so the path before it is the longest that a route has; and colons, so the verb behind it is a route's or none.
        at = path.find(_MODELS) + len(_MODELS)
        before, rest = path[:at], path[at:]
        model, colon, verb = rest.rpartition(":")
        route = self._named.get((method, before, colon + verb)) if colon else None
        if route is None:
            model, route = rest, self._named.get((method, before, ""))
        elif (method, before, colon + model.rpartition(":")[2]) in self._named:
            return None  # two verbs
        return Match(route, model) if route is not None and may_be_asked(model) else None

    def _find_response(self, method: str, path: str) -> Match | None:
        before, found, rest = path.partition(_RESPONSES)
        response_id, slash, part = rest.partition("/")
        route = self._of_responses.get((method, before + found, slash + part)) if found else None
        return Match(route, response_id=response_id) if route is not None and _RESPONSE_ID.fullmatch(response_id) else None

    def knows_path(self, path: str) -> bool:
        """Whether the path exists with another method (405 rather than 404)."""
        return path in self._paths

    def __iter__(self) -> Iterator[Route]:
        """Every route once, for tests that call each of them."""
        seen = [match.route for match in self._exact.values()] + [*self._named.values(), *self._of_responses.values()]
        return iter(dict.fromkeys(seen))

    def _add(self, route: Route, path: str) -> None:
        before, found, after = path.partition("{response}")
        if found:
            if not before.endswith(_RESPONSES) or (route.method, before, after) in self._of_responses:
                raise ValueError(f"route {route.method} {route.path} names no response, or is there twice")
            self._of_responses[route.method, before, after] = route
            return
        before, found, after = path.partition("{model}")
        key = (route.method, before, after)
        if found:
            if not before.endswith(_MODELS):
                raise ValueError(f"route {route.method} {route.path} has no {_MODELS} before its model")
            if key in self._named:
                raise ValueError(f"two routes for {route.method} {path}")
            self._named[key] = route
            return
        if (route.method, path) in self._exact:
            raise ValueError(f"two routes for {route.method} {path}")
        self._exact[route.method, path] = Match(route)
        self._paths.add(path)


def dialect_of_path(path: str) -> str:
    """The dialect of the error for an unknown path."""
    mount, _, rest = path.removeprefix(ALIAS).lstrip("/").partition("/")
    found = _OF_MOUNT.get(mount, "openai_chat")
    return _OF_VERSION_1.get(rest.partition("/")[0], found) if mount == "v1" else found


_OF_MOUNT: Final = {"anthropic": "anthropic", "gemini": "gemini", "v1beta": "gemini", "cursor": "cursor", "codex": "openai_responses"}
_OF_VERSION_1: Final = {"messages": "anthropic", "responses": "openai_responses"}


class Advice(NamedTuple):
    """The dialect in which the client asked, and what to tell its user. The text repeats nothing of the path but what every such path ends in."""

    dialect: str
    text: str


# What an agent appends to its base URL, with or without the version that belongs to it.
_ENDS: Final = (
    (re.compile(r"(?:/v1)?/messages(?:/count_tokens)?$"), "anthropic", "For Claude Code set ANTHROPIC_BASE_URL={base}/anthropic."),
    (re.compile(r"(?:/v1)?/responses$"), "openai_responses", 'For Codex CLI set base_url = "{base}/{mount}/v1" in ~/.codex/config.toml.'),
    (re.compile(r"(?:/v1)?/chat/completions$"), "openai_chat", "Set the OpenAI base URL to {base}/{mount}/v1; for Cursor to {base}/cursor/v1."),
    (
        re.compile(r"(?:/v1(?:beta)?)?/models/(?P<model>[^:]+):(?:generateContent|streamGenerateContent|countTokens)$"),
        "gemini",
        "For Gemini CLI set GOOGLE_GEMINI_BASE_URL={base}/gemini.",
    ),
)
_MOUNTS: Final = re.compile(r"/(?:ai-gateway/)?(codex|mlflow)/")
_EVERY: Final = "Claude Code {base}/anthropic, Codex CLI {base}/openai/v1, Gemini CLI {base}/gemini, Cursor {base}/cursor/v1"


def advice(path: str, base: str) -> Advice | None:
    """What the agent that asked for this path should have been given as its address; `None` where the path is not an agent's."""
    for end, dialect, text in _ENDS:
        found = end.search(path)
        if found is not None:
            model = found.groupdict().get("model", "")
            shown = found[0].replace(model, "…") if model else found[0]
            mount = _MOUNTS.match(path)
            return Advice(dialect, f"No API at {shown}. {text.format(base=base, mount=mount[1] if mount is not None else 'openai')}")
    return None


def every_address(base: str) -> str:
    """The address of each agent, for a client that asked for another path."""
    return f"No API at this path. The addresses here: {_EVERY.format(base=base)}."

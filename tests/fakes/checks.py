"""What every request to a provider has to be like: its own key in the right header, nobody else's secret anywhere, identity coding, a known model.

Of a translated request also: a body that the official SDK of the provider's dialect would send.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.fakes.ledger import Entry

OPERATIONS = {
    ("anthropic", "generate"): "messages",
    ("anthropic", "count"): "count_tokens",
    ("openai_chat", "generate"): "chat",
    ("openai_responses", "generate"): "responses",
    ("openai_responses", "count"): "input_tokens",
    ("gemini", "generate"): "generateContent",
    ("gemini", "count"): "countTokens",
}
KEY_HEADERS = {"anthropic": "x-api-key", "openai_chat": "authorization", "openai_responses": "authorization", "gemini": "x-goog-api-key"}
HOP_BY_HOP = ("connection", "keep-alive", "te", "trailer", "upgrade", "proxy-connection")


@dataclass
class Expected:
    """What the provider insists on. `key=None` takes any credential: an agent that talks to it without a gateway.

    `canaries` are secrets of others; they must not arrive in any form. `models` empty takes any model.
    `translated` says that all requests are translated ones, which hold nothing but what the SDKs know.
    """

    key: str | None = None
    canaries: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    translated: bool = False

    def problems(self, entry: Entry) -> Iterator[str]:
        """What is wrong with a request, in words."""
        for canary in self.canaries:
            if canary and canary in entry.everything:
                yield f"the client's secret {canary[:6]}… arrived"
        if self.key is not None:
            yield from self._gateway_problems(entry, self.key)
        if self.models and entry.operation in {"generate", "count"} and entry.model not in self.models:
            yield f"the model {entry.model!r} is none of {sorted(self.models)}"
        if self.translated and (entry.dialect, entry.operation) in OPERATIONS:
            yield from _sdk_problems(entry)

    @staticmethod
    def _gateway_problems(entry: Entry, key: str) -> Iterator[str]:
        wanted = KEY_HEADERS.get(entry.dialect, "x-api-key")
        value = f"Bearer {key}" if wanted == "authorization" else key
        if entry.credentials != {wanted: value}:
            yield f"expected the provider's key in {wanted} alone, got {sorted(entry.credentials)} (values right: {value in entry.credentials.values()})"
        if "key" in entry.query:
            yield "a credential arrived in the query"
        if entry.header("accept-encoding") not in {"", "identity"}:
            yield f"accept-encoding is {entry.header('accept-encoding')!r}"
        names = [name for name, _ in entry.headers]
        for name in {name for name in names if names.count(name) > 1}:
            yield f"the header {name} came {names.count(name)} times"
        for name in HOP_BY_HOP:
            if entry.header(name).lower() not in {"", "keep-alive"}:
                yield f"the hop-by-hop header {name}: {entry.header(name)} came through"


def _sdk_problems(entry: Entry) -> Iterator[str]:
    from pydantic import ValidationError

    from tests.fakes import sdk_requests  # three SDKs, which only the tests of translation load

    try:
        sdk_requests.check(OPERATIONS[entry.dialect, entry.operation], entry.json)
    except ValidationError as error:
        yield f"the SDK would not send this: {error}"

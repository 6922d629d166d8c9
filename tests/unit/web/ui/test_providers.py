"""The page of providers and its test button."""

from collections.abc import Mapping, Sequence

from headgate.config.load import WrittenFile, load
from headgate.core.endpoint import Endpoint, Provider, Target, target_of
from headgate.core.errors import LimitExceeded, Unavailable
from headgate.core.secret import Secret
from headgate.exchange.circuits import CircuitState
from headgate.exchange.provider_check import CheckedProvider
from headgate.metering.price import Rates, Sold
from headgate.web.ui.provider_facts import ProviderTest
from headgate.web.ui.providers import ProviderParts, provider_routes
from tests.fakes.browser import PAGES, Browser
from tests.fakes.page_rows import FakeQueries, read

LAB = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9", api_key=Secret("sk-canary"), origin="ANTHROPIC_API_KEY", models=("m",))
_ROW = {
    "target": "lab/m",
    "tries": 12,
    "errors": 3,
    "good_at": "2026-11-30T08:00:00Z",
    "bad_at": "2026-11-30T09:00:00Z",
    "bad_code": "overloaded_error",
}


class Desk:
    """The page over a provider of which a test says how it fares."""

    def __init__(self, *providers: Provider) -> None:
        self.queries = FakeQueries(_ROW)
        self.refused: list[str] = []
        self.state = CircuitState()
        self.tested: list[tuple[str, str, str]] = []
        self.answer = CheckedProvider(
            provider="lab", dialect="anthropic", model="m", verdict="good", status=200, message="It answered.", latency_ms=840
        )
        self.refusal: Exception | None = None
        self._last: ProviderTest | None = None
        configuration = load("", {"HEADGATE_DISCOVERY_OLLAMA": "false"}, accepted=WrittenFile("headgate.toml", ""))
        parts = ProviderParts(
            configuration=lambda: configuration,
            places=lambda: {"lab": "headgate.toml:4"},
            providers=lambda: providers,
            endpoints=lambda: [Endpoint(name="house", targets=(target_of(LAB, "m"),))],
            refused_keys=lambda: self.refused,
            circuit=self._circuit,
            prices=self._prices,
            tests=self,
            queries=self.queries,
        )
        self.browser = Browser(routes=(*PAGES, *provider_routes(parts)))

    def _circuit(self, _target: Target) -> CircuitState:
        return self.state

    async def _prices(self, sales: Sequence[Sold]) -> Mapping[Sold, Rates | None]:
        return {sale: Rates(5.0, 0.5, None, None, 25.0, "anthropic", "m", "genai-prices 9") for sale in sales}

    def last(self, name: str) -> ProviderTest | None:
        """The last test."""
        assert name
        return self._last

    async def test(self, name: str, model: str, by: str) -> ProviderTest:
        """Note a test, and answer it."""
        if self.refusal is not None:
            raise self.refusal
        self.tested.append((name, model, by))
        self._last = ProviderTest(self.answer, 1_000, by)
        return self._last

    async def page(self) -> str:
        """What an administrator reads."""
        await self.browser.sign_in()
        status, _, body = await self.browser.ask("GET", "/providers")
        assert status == 200
        assert "canary" not in body
        return read(body)


async def test_a_provider_is_shown() -> None:
    """Where it is, where its key comes from, how it fared today, what it costs."""
    desk = Desk(LAB)
    page = await desk.page()
    for text in (
        "declared at headgate.toml:4",
        "environment variable ANTHROPIC_API_KEY",
        "12 requests, 3 failed",
        "overloaded_error",
        "genai-prices 9",
    ):
        assert text in page
    assert "$5 $0.5 $25" in page
    (asked,) = desk.queries.asked
    assert asked[1].is_administrator


async def test_what_is_wrong_is_marked() -> None:
    """A refused key, and a target that is passed over."""
    desk = Desk(LAB)
    desk.refused, desk.state = ["lab"], CircuitState(5, 4.0)
    page = await desk.page()
    assert "key refused" in page
    assert "passed over for 4.0 s" in page


async def test_the_page_does_without_counts() -> None:
    """Where rows cannot be read now, all else is shown."""
    desk = Desk(LAB)
    desk.queries.refusal = Unavailable("SQL is starting.")
    page = await desk.page()
    assert "cannot be read now: SQL is starting." in page
    assert "0 requests" not in page
    assert "none within 24 h" not in page
    assert "declared at headgate.toml:4" in page


async def test_no_provider() -> None:
    """The page says what to do."""
    assert "headgate config init" in await Desk().page()


async def test_a_provider_is_tested() -> None:
    """The button asks it, as the principal who pressed it; the page then shows what it answered, in words."""
    desk = Desk(LAB)
    await desk.browser.sign_in()
    status, headers, _ = await desk.browser.press("/providers", provider="lab", model="m")
    assert (status, headers["location"]) == (303, "/providers#provider-lab")
    assert desk.tested == [("lab", "m", "ada@example.com")]
    assert "The test went well (200). It answered. 840 ms · asked for m in anthropic" in await desk.page()
    for verdict, shown in (("key_refused", "It refuses Headgate’s key"), ("refused", "It refused the test"), ("failed", "The test failed")):
        desk.answer = CheckedProvider(provider="lab", dialect="anthropic", model="", verdict=verdict, status=0, message="No.", latency_ms=1)  # type: ignore[arg-type]
        await desk.browser.press("/providers", provider="lab", model="")
        assert f"{shown}. No. 1 ms · asked for the list of models" in await desk.page()


async def test_a_test_that_is_not_made_says_why() -> None:
    """On the page, beside the provider."""
    desk = Desk(LAB)
    desk.refusal = LimitExceeded("Providers are tested at most 6 times a minute. Test again in 30 s.", retry_after_s=30)
    await desk.browser.sign_in()
    status, _, body = await desk.browser.press("/providers", provider="lab", model="m")
    assert status == 429
    assert "Test again in 30 s." in read(body)

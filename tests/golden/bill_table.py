"""The table of everything that providers charge for, by dialect: what is reported, and what is read of it. The numbers are made up."""

from tests.golden.bills import Bill

_SPLIT = {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 50}
_SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "a"}}
_OPENED = {"type": "web_search_call", "id": "ws_2", "status": "completed", "action": {"type": "open_page", "url": "http://a.example/"}}
_OLD_SEARCH = {"type": "web_search_call", "id": "ws_3", "status": "completed"}
_FILES = {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["a"]}


def _iteration(kind, fresh, read, output, **more):
    return {"type": kind, "input_tokens": fresh, "cache_read_input_tokens": read, "cache_creation_input_tokens": 0, "output_tokens": output, **more}


def _line(kind, fresh, read, output, **more):
    return {"kind": kind, "input_tokens": fresh, "cache_read_tokens": read, "cache_write_5m_tokens": 0, "output_tokens": output, **more}


def _own(fresh, output, **more):
    return {"input_tokens": fresh, "output_tokens": output, **more}


ANTHROPIC = [
    Bill(
        "anthropic", "plain",
        {"input_tokens": 9, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 80, "cache_creation": _SPLIT, "output_tokens": 7,
         "service_tier": "standard", "inference_geo": "not_available", "speed": "standard",
         "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 3}, "iterations": [_iteration("message", 9, 5, 7)]},
        _own(9, 7, cache_read_tokens=5, cache_write_5m_tokens=30, cache_write_1h_tokens=50),
    ),
    Bill(
        "anthropic", "compaction comes on top",
        {"input_tokens": 23_000, "cache_read_input_tokens": 0, "output_tokens": 1_000,
         "iterations": [_iteration("compaction", 100_000, 80_000, 3_500), _iteration("message", 23_000, 0, 1_000)]},
        _own(23_000, 1_000, cache_read_tokens=0),
        [_line("compaction", 100_000, 80_000, 3_500)],
    ),
    Bill(
        "anthropic", "a compaction alone",
        {"input_tokens": 0, "output_tokens": 0, "iterations": [_iteration("compaction", 100, 80, 35, cache_creation=_SPLIT)]},
        _own(0, 0),
        [{**_line("compaction", 100, 80, 35), "cache_write_5m_tokens": 30, "cache_write_1h_tokens": 50}],
    ),
    Bill(
        "anthropic", "an adviser has its own model and its own speed",
        {"input_tokens": 40, "output_tokens": 20, "speed": "fast", "inference_geo": "us",
         "iterations": [_iteration("message", 10, 0, 5), _iteration("advisor_message", 900, 0, 70, model="claude-fable-5-2"),
                        _iteration("message", 30, 0, 15)]},
        _own(40, 20, tier="fast+us"),
        [_line("advisor_message", 900, 0, 70, model="claude-fable-5-2", tier="us")],
    ),
    Bill(
        "anthropic", "a declined attempt is not charged",
        {"input_tokens": 50, "output_tokens": 6, "iterations": [_iteration("message", 50, 0, 1, model="claude-fable-5-2"),
                                                              _iteration("fallback_message", 50, 0, 6, model="claude-opus-5")]},
        _own(50, 6),
    ),
    Bill(
        "anthropic", "a kind that nobody knows yet and the totals leave out",
        {"input_tokens": 5, "output_tokens": 6, "iterations": [_iteration("message", 5, 0, 6), _iteration("reviewing", 8, 0, 9)]},
        _own(5, 6),
        [_line("reviewing", 8, 0, 9)],
    ),
    Bill(
        "anthropic", "a kind that nobody knows yet and the totals count",
        {"input_tokens": 13, "output_tokens": 15, "iterations": [_iteration("message", 5, 0, 6), _iteration("reviewing", 8, 0, 9)]},
        _own(13, 15),
    ),
    Bill("anthropic", "batch", {"input_tokens": 5, "output_tokens": 6, "service_tier": "batch"}, _own(5, 6, tier="batch")),
    Bill("anthropic", "priority", {"input_tokens": 5, "output_tokens": 6, "service_tier": "priority"}, _own(5, 6, tier="priority")),
    Bill(
        "anthropic", "searches",
        {"input_tokens": 5, "output_tokens": 6, "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 1}},
        _own(5, 6),
        [{"kind": "web_search", "uses": 3}],
    ),
    Bill("anthropic", "a price of the provider's", {"input_tokens": 5, "output_tokens": 6, "cost": 0.0125}, _own(5, 6, charge_reported=0.0125)),
    Bill(
        "anthropic", "odd values cost themselves alone",
        {"input_tokens": 10**18, "output_tokens": 6, "cache_read_input_tokens": -1, "service_tier": 7, "speed": None, "cost": "much",
         "iterations": [None, 5, {"type": ["x"]}, _iteration("compaction", "1", 5.5, 4)], "server_tool_use": {"web_search_requests": 5.5}},
        {"output_tokens": 6},
        [{"kind": "compaction", "output_tokens": 4, "cache_write_5m_tokens": 0}],
    ),
]  # fmt: skip

CHAT = [
    Bill(
        "openai_chat", "plain",
        {"prompt_tokens": 1_000, "completion_tokens": 50, "total_tokens": 1_050,
         "prompt_tokens_details": {"cached_tokens": 700, "cache_write_tokens": 200, "audio_tokens": 0},
         "completion_tokens_details": {"reasoning_tokens": 40, "audio_tokens": 0}},
        _own(100, 50, cache_read_tokens=700, cache_write_5m_tokens=200, reasoning_tokens=40),
        around={"service_tier": "default"},
    ),
    Bill(
        "openai_chat", "reasoning beside the completion",
        {"prompt_tokens": 900, "completion_tokens": 50, "total_tokens": 1_350, "completion_tokens_details": {"reasoning_tokens": 400}},
        _own(900, 450, reasoning_tokens=400),
    ),
    Bill(
        "openai_chat", "reads of the cache under another name",
        {"prompt_tokens": 1_000, "completion_tokens": 5, "total_tokens": 1_005, "prompt_cache_hit_tokens": 800, "prompt_cache_miss_tokens": 200},
        _own(200, 5, cache_read_tokens=800),
    ),
    Bill(
        "openai_chat", "reads of the cache on top of the prompt",
        {"prompt_tokens": 200, "completion_tokens": 5, "total_tokens": 1_105, "cache_read_input_tokens": 800, "cache_creation_input_tokens": 100},
        _own(200, 5, cache_read_tokens=800, cache_write_5m_tokens=100),
    ),
    Bill(
        "openai_chat", "reads and reasoning on top",
        {"prompt_tokens": 200, "completion_tokens": 5, "total_tokens": 1_045, "cached_tokens": 800, "completion_tokens_details": {"reasoning_tokens": 40}},
        _own(200, 45, cache_read_tokens=800, reasoning_tokens=40),
    ),
    Bill(
        "openai_chat", "of two details as large, the one that does not fit inside is on top",
        {"prompt_tokens": 900, "completion_tokens": 50, "total_tokens": 1_350, "cached_tokens": 400, "completion_tokens_details": {"reasoning_tokens": 400}},
        _own(500, 450, cache_read_tokens=400, reasoning_tokens=400),
    ),
    Bill(
        "openai_chat", "a total that fits nothing changes nothing",
        {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 10**12, "completion_tokens_details": {"reasoning_tokens": 4}},
        _own(9, 5, reasoning_tokens=4),
    ),
    Bill(
        "openai_chat", "thoughts in the total alone",
        {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 44},
        _own(9, 35, reasoning_tokens=30),
        around={"model": "gemini-3.5-flash"},
    ),
    Bill("openai_chat", "usage in x_groq", {}, _own(9, 5), around={"x_groq": {"id": "g", "usage": {"prompt_tokens": 9, "completion_tokens": 5}}}),
    Bill(
        "openai_chat", "usage in a choice", {}, _own(2, 5, cache_read_tokens=7),
        around={"choices": [{"index": 0, "delta": {}, "finish_reason": "stop",
                             "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "cached_tokens": 7}}]},
    ),
    Bill("openai_chat", "under the other format's names", {"input_tokens": 9, "output_tokens": 5}, _own(9, 5)),
    Bill("openai_chat", "flex", {"prompt_tokens": 9, "completion_tokens": 5}, _own(9, 5, tier="flex"), around={"service_tier": "flex"}),
    Bill("openai_chat", "scale", {"prompt_tokens": 9, "completion_tokens": 5}, _own(9, 5, tier="scale"), around={"service_tier": "scale"}),
    Bill(
        "openai_chat", "sound and pictures",
        {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150, "prompt_tokens_details": {"audio_tokens": 60, "image_tokens": 10},
         "completion_tokens_details": {"audio_tokens": 40, "reasoning_tokens": 5}},
        _own(30, 10, reasoning_tokens=5),
        [{"kind": "audio", "input_tokens": 60, "output_tokens": 40}, {"kind": "image", "input_tokens": 10, "output_tokens": 0}],
    ),
    Bill(
        "openai_chat", "a price and searches of a reseller",
        {"prompt_tokens": 9, "completion_tokens": 5, "cost": 0.95, "server_tool_use": {"web_search_requests": 2}},
        _own(9, 5, charge_reported=0.95),
        [{"kind": "web_search", "uses": 2}],
    ),
    Bill(
        "openai_chat", "ticks and tools",
        {"prompt_tokens": 9, "completion_tokens": 5, "cost_in_usd_ticks": 37_756_000,
         "server_side_tool_usage_details": {"web_search_calls": 3, "x_search_calls": 1, "code_interpreter_calls": 0, "mcp_calls": 4}},
        _own(9, 5, charge_reported=0.0037756),
        [{"kind": "web_search", "uses": 3}, {"kind": "x_search", "uses": 1}],
    ),
    Bill("openai_chat", "a price in parts", {"prompt_tokens": 9, "completion_tokens": 5, "cost": {"total_cost": 0.006}}, _own(9, 5, charge_reported=0.006)),
    Bill(
        "openai_chat", "odd values cost themselves alone",
        {"prompt_tokens": 5.5, "completion_tokens": 5, "total_tokens": "many", "cost": -1,
         "prompt_tokens_details": {"cached_tokens": None, "audio_tokens": "x"}, "completion_tokens_details": {"reasoning_tokens": 10**18}},
        {"output_tokens": 5},
        around={"service_tier": 5},
    ),
]  # fmt: skip

RESPONSES = [
    Bill(
        "openai_responses", "plain",
        {"input_tokens": 1_000, "input_tokens_details": {"cached_tokens": 700}, "output_tokens": 50, "output_tokens_details": {"reasoning_tokens": 40},
         "total_tokens": 1_050},
        _own(300, 50, cache_read_tokens=700, reasoning_tokens=40),
        around={"service_tier": "default", "tool_usage": {"image_gen": {"input_tokens": 0, "output_tokens": 0}, "web_search": {"num_requests": 0}}},
    ),
    Bill("openai_responses", "priority", {"input_tokens": 9, "output_tokens": 5}, _own(9, 5, tier="priority"), around={"service_tier": "priority"}),
    Bill("openai_responses", "ultrafast", {"input_tokens": 9, "output_tokens": 5}, _own(9, 5, tier="ultrafast"), around={"service_tier": "ultrafast"}),
    Bill(
        "openai_responses", "searches are counted by their calls",
        {"input_tokens": 9, "output_tokens": 5},
        _own(9, 5),
        [{"kind": "file_search", "uses": 1}, {"kind": "web_search", "uses": 2}],
        around={"calls": [_SEARCH, _OPENED, _FILES, _OLD_SEARCH]},
    ),
    Bill(
        "openai_responses", "what is billed goes before what is seen",
        {"input_tokens": 9, "output_tokens": 5},
        _own(9, 5),
        [{"kind": "web_search", "uses": 1}],
        around={"calls": [_SEARCH, _SEARCH], "tool_usage": {"web_search": {"num_requests": 1}}},
    ),
    Bill(
        "openai_responses", "pictures that were made",
        {"input_tokens": 9, "output_tokens": 5},
        _own(9, 5),
        [{"kind": "image_generation", "input_tokens": 30, "cache_read_tokens": 10, "output_tokens": 1_056}],
        around={"tool_usage": {"image_gen": {"input_tokens": 40, "cached_tokens": 10, "output_tokens": 1_056}, "web_search": {"num_requests": 0}}},
    ),
    Bill(
        "openai_responses", "reasoning beside the output",
        {"input_tokens": 900, "output_tokens": 50, "total_tokens": 1_350, "output_tokens_details": {"reasoning_tokens": 400}, "cost_in_usd_ticks": 10**10},
        _own(900, 450, reasoning_tokens=400, charge_reported=1.0),
    ),
    Bill(
        "openai_responses", "the provider's own count of searches",
        {"input_tokens": 9, "output_tokens": 5, "server_side_tool_usage_details": {"web_search_calls": 3}},
        _own(9, 5),
        [{"kind": "web_search", "uses": 3}],
        around={"calls": [_SEARCH]},
    ),
    Bill(
        "openai_responses", "odd values cost themselves alone",
        {"input_tokens": "9", "output_tokens": 5, "total_tokens": -1, "output_tokens_details": [], "input_tokens_details": "x"},
        {"output_tokens": 5},
        around={"service_tier": {}, "tool_usage": [1], "calls": [None, 7, {"type": ["web_search_call"]}]},
    ),
]  # fmt: skip

GEMINI = [
    Bill(
        "gemini", "plain",
        {"promptTokenCount": 1_000, "toolUsePromptTokenCount": 50, "cachedContentTokenCount": 900, "candidatesTokenCount": 12, "thoughtsTokenCount": 8,
         "totalTokenCount": 1_070, "serviceTier": "standard", "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1_000}]},
        _own(150, 20, cache_read_tokens=900, reasoning_tokens=8),
    ),
    Bill("gemini", "flex", {"promptTokenCount": 9, "candidatesTokenCount": 5, "serviceTier": "flex"}, _own(9, 5, tier="flex")),
    Bill("gemini", "priority of Vertex AI", {"promptTokenCount": 9, "candidatesTokenCount": 5, "trafficType": "ON_DEMAND_PRIORITY"}, _own(9, 5, tier="priority")),
    Bill("gemini", "on demand", {"promptTokenCount": 9, "candidatesTokenCount": 5, "trafficType": "ON_DEMAND"}, _own(9, 5)),
    Bill(
        "gemini", "throughput that was bought",
        {"promptTokenCount": 9, "candidatesTokenCount": 5, "trafficType": "PROVISIONED_THROUGHPUT"},
        _own(9, 5, tier="provisioned_throughput"),
    ),
    Bill(
        "gemini", "searches, each once",
        {"promptTokenCount": 9, "candidatesTokenCount": 5},
        _own(9, 5),
        [{"kind": "web_search", "uses": 2}],
        around={"groundingMetadata": {"webSearchQueries": ["a", "b", "", 7], "groundingChunks": []}},
    ),
    Bill(
        "gemini", "sound and pictures",
        {"promptTokenCount": 100, "cachedContentTokenCount": 30, "candidatesTokenCount": 50, "thoughtsTokenCount": 5,
         "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 40}, {"modality": "AUDIO", "tokenCount": 60}],
         "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 20}],
         "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 10}, {"modality": "IMAGE", "tokenCount": 40}]},
        _own(30, 15, cache_read_tokens=10, reasoning_tokens=5),
        [{"kind": "audio", "input_tokens": 40, "cache_read_tokens": 20, "output_tokens": 0}, {"kind": "image", "input_tokens": 0, "output_tokens": 40}],
    ),
    Bill(
        "gemini", "thoughts among the candidates",
        {"promptTokenCount": 9, "candidatesTokenCount": 50, "thoughtsTokenCount": 40, "totalTokenCount": 59},
        _own(9, 50, reasoning_tokens=40),
    ),
    Bill(
        "gemini", "reads of the cache on top of the prompt",
        {"promptTokenCount": 200, "cachedContentTokenCount": 800, "candidatesTokenCount": 5, "totalTokenCount": 1_005},
        _own(200, 5, cache_read_tokens=800),
    ),
    Bill(
        "gemini", "odd values cost themselves alone",
        {"promptTokenCount": -3, "candidatesTokenCount": 5, "thoughtsTokenCount": 5.5, "totalTokenCount": 10**18, "serviceTier": 3,
         "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": "x"}, None, 7]},
        {"output_tokens": 5},
        around={"groundingMetadata": [1]},
    ),
]  # fmt: skip

BILLS = [*ANTHROPIC, *CHAT, *RESPONSES, *GEMINI]

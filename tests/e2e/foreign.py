"""A lab with an endpoint of every dialect, so that each client finds three that do not speak its own."""

from tests.e2e.lab import CLAUDE, GEMINI

CHAT, RESPONSES = "house-chat", "house-responses"
PROVIDERS = "".join(
    f"""
[[providers]]
name = "lab-{form}"
dialect = "openai_{form}"
base_url = "{{url}}"
api_key = "env:LAB_KEY"

[[endpoints]]
name = "house-{form}"
targets = [{{{{ provider = "lab-{form}", model = "gpt-5.2" }}}}]
"""
    for form in ("chat", "responses")
)
DIALECT_OF = {CLAUDE: "anthropic", RESPONSES: "openai_responses", GEMINI: "gemini", CHAT: "openai_chat"}

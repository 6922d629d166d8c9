"""The documentation's file of all governance at once."""

PROVIDERS = """
[[providers]]
name = "lab"
dialect = "anthropic"
models = ["claude-opus-4-6", "claude-haiku-4-5"]

[[providers]]
name = "open"
dialect = "openai"
models = ["gpt-5.2"]
"""

"""OpenAI's Chat Completions on the native way."""

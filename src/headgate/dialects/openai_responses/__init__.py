"""OpenAI's Responses on the native way."""

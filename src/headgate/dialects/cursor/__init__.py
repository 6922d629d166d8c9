"""Cursor on the native way: its chat-shaped requests to chat providers."""

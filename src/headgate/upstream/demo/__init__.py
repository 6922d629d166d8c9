"""The built-in demo provider: plausible answers in every wire format without a key, a model or a network. Never reached unless it is asked for."""

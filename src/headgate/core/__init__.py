"""The vocabulary: types that every layer may use. Imports nothing of ours, does no I/O."""

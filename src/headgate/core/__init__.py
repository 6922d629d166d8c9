"""The vocabulary: types that every layer may use. Imports no other layer, does no I/O."""

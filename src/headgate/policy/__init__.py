"""Who asks, and whether they may. Pure decisions over an immutable snapshot."""

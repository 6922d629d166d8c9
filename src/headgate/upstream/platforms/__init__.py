"""Providers on a platform: requests as its host wants them, and its answers as the dialect has them."""

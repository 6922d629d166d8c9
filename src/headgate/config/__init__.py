"""What a human writes, and how it is loaded."""

"""What an exchange used and what it cost. Pure."""

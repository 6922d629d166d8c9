"""What is kept of conversations for their clients: responses that are named again, and what was hidden with calls."""

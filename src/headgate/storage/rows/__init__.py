"""What the journal holds, as rows of tables."""

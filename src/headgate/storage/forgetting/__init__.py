"""What tables hold of one person: counted, deleted, or given a pseudonym."""

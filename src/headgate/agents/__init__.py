"""What each coding agent's configuration holds, and how that is put into the files that a user has already. Pure: texts in, texts out."""

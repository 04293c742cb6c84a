"""People: who signs in, with which roles, by session or token."""

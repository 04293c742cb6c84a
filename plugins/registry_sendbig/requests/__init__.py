"""Files from somebody without an account: a link by which he sends them."""

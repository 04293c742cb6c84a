"""Files for somebody: drafted, sent by a link each, approved, opened, ended."""

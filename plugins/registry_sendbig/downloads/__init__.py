"""Bytes on their way out: one file, all of them as an archive, a look at one; and how often."""

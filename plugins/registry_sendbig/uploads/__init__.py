"""Bytes on their way in: the tus routes, limits, and from the last byte to a file that was verified."""

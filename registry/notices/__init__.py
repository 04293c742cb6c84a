"""Notices: what expires is told in time, by mail, by webhook and as a calendar."""

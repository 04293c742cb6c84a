"""Warranties: terms, what they cover until when, and what is owed on a given day and why."""

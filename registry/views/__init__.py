"""Saved filters of lists: own ones, and those shared with everybody at a customer or in the house."""

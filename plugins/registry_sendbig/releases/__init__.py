"""Patches and documents for those who are entitled to them, and which version runs where."""

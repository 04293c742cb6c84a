"""Optical modules: what they say of themselves, read from their memory or from what a switch prints, and judged."""

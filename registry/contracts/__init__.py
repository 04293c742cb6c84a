"""Contracts: what was agreed with a customer, for how long, what it covers and which duties it brings."""

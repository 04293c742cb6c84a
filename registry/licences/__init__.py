"""Licences: what software a customer may use, how much of it, and who or what uses it."""

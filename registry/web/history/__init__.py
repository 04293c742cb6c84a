"""The audit chain as pages and JSON: who changed what, in human words."""

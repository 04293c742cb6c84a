"""The tests. A package, so that helper modules are imported as `tests.postgres` from everywhere."""

"""Everything this room declares, loaded once at start."""

"""The page of one unit, put together from the rooms."""

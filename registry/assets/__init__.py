"""Assets: owned units of products - where they are, what state they are in, what belongs in what."""

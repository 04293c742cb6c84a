"""What the memory of a module and the text of a device say, with no word of business: pure, and never an exception."""

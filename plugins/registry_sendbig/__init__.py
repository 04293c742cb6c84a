"""SendBig: large files by a link, kept safely; patches and documents for those who are entitled to them."""

"""What is printed as PDF: a unit's certificate, a site's list."""

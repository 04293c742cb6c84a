"""Every list as a page: filters, columns, saved views, bulk edit, export. A room says what is in it."""

"""Plugins on the web: their routes, templates and static files, their places on our pages, and the pages about them."""

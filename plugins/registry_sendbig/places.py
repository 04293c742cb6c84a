"""The three sets of routes of the plugin: a file with routes imports the one that it adds to."""

from registry.sdk import api_routes, customer_pages, house_pages

pages = customer_pages("sendbig")  # /c/<slug>/x/sendbig/...
house = house_pages("sendbig")  # /x/sendbig/...: of the house, and of whoever has only a link
api = api_routes("sendbig", "Large files by a link; patches and documents for those who are entitled to them.")

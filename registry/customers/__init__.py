"""Customers: the companies that are looked after, their sites, contacts, account managers and service policies."""

"""Assetcare: a registry of assets, licences and the warranties owed on them."""

__version__ = "0.1.0"

"""Civicline: the open contact centre for public bodies."""

__version__ = "0.1.0"

"""Civicline: the open contact centre for public bodies."""

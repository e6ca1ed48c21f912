"""Enough people at the right time: forecasts, requirements, rosters, and the day as it comes."""

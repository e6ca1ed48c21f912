"""Writes of planning, by subject: history, forecasts, marks, staffing, contracts, rosters, requests, scenarios."""

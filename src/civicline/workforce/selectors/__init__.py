"""Reads of planning, by subject: history, forecasts, requirements, rosters, requests, adherence."""

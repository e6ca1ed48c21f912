"""Insight: measures and reports, read from the event log; feedback of residents."""

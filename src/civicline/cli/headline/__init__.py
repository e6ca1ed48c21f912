"""`civicline headline`: the days of a log of calls as they were staffed, beside the same hours planned by Civicline."""

"""Search that finds: an index of what was said and told, filled behind the event log, and searches over it."""

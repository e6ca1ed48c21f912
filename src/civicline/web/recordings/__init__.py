"""Recordings of calls, for who may hear them: found, heard with markers, downloaded; each with a reason and a trace."""

"""The engine: pure decisions. Frozen values in, decisions with reasons out; no I/O, no clock, no logging."""

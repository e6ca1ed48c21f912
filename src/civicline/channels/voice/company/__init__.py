"""Who else is in a call: somebody consulted, a number outside, a supervisor who listens."""

"""Drives a running server as a town's people and agents do, through its pages and sockets only."""

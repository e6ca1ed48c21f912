"""Asterisk's REST interface: requests and events over one WebSocket."""

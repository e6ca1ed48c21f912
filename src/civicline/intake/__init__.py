"""Intake: contacts, messages, deliveries, and the one port through which every channel comes in."""

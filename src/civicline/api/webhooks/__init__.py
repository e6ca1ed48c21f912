"""Telling other systems: which events, in which form, signed how, sent by whom."""

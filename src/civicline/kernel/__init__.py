"""The kernel: event log and outbox, relay, bus, leased jobs, clock, ids, audit. Knows no business words."""

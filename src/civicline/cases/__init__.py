"""Cases: the matter itself, over any number of contacts, with its workflow and SLA clocks."""

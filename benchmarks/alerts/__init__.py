"""How much a round of many alert rules costs: a filled store in, seconds out."""

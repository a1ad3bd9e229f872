"""The nouns everything else speaks in: frozen, without I/O, without a clock."""

"""Budgets in; how much of each is spent, in its own period and time zone, derived from the calls, out."""

"""Runs of a dataset go in; which of them is good enough for the least money comes out, with how sure that is."""

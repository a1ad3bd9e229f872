"""Recorded calls and today's prices in; what would change, or the change itself, which can be taken back, out."""

"""Sums of groups over time in; whether a group spends more than it usually does at this hour, and by how much, out. Pure.

`judge.py` is the way in. Why like this and not with a library: docs/decisions/0036-anomalies.md.
"""

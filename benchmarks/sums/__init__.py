"""Whether parts, rows, groups and totals are the same money, to the last digit."""

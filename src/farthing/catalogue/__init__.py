"""The meta store's overrides and price data in; the one snapshot that everything prices with, swapped whole, out."""

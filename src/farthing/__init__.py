"""Farthing: what your LLM calls cost, who caused it, and when it goes wrong."""

__version__ = "0.1.0"

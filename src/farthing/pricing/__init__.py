"""Calls and a catalogue snapshot in, ledger lines out. Pure: no network, no clock."""

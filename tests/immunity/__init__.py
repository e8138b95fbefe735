"""Sequences of polls, what publishers do to them, and how many items are doubled or lost by it."""

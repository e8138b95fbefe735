"""Judges of published feeds: what their specifications and our own rules forbid. Nothing of the program is in them."""

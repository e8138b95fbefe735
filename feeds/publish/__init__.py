"""Stored stories to published files: select, render, put on a shelf. Same rows, same bytes."""

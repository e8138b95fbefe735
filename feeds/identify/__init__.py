"""What an item is: its fingerprint, and whether it is new, changed, the same or a duplicate."""

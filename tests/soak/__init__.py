"""Hours of a daemon in minutes: see `make soak`."""

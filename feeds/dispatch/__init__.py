"""Running the same work for many sources: threads of this process, or jobs of a fleet."""

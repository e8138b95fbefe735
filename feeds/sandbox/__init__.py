"""Everything that looks into documents from outside, in one place, so that it can run under limits."""

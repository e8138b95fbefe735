"""Hand the published files to feed readers, from memory."""

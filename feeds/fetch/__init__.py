"""Asking a source for its bytes: http.py and files.py answer, policy.py says when to ask again."""

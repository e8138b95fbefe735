"""Which topics an article belongs to, and because of which words.

The words stand in `topics/*.toml` and in the operator's config.toml; `rules` compiles both, `matcher` applies them.
docs/topics.md is the reference of the rule language.
"""

"""topic-feeds.

The journey of an article: `fetch` asks a source for its bytes; `read` makes raw entries of them;
`normalise` turns each entry into an Article or says why not; `identify` fingerprints it and decides
whether it is new, changed, the same or a duplicate; `classify` finds its topics and the words that
decided; `store` keeps it in one transaction per source; `publish` renders each topic that changed;
`serve` hands the files to feed readers.
"""

__version__ = "0.1.0"

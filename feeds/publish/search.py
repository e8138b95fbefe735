"""A query as a feed and as a page: what it finds, rendered as in topics."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, takewhile

from feeds.model import Answered, Entry, Form, Misread, Query, Site, Topic
from feeds.publish import atom_rss, page
from feeds.publish.channel import clean_site, clean_topic, search_channel
from feeds.publish.fragments import Fragments
from feeds.publish.jsonfeed import json_feed
from feeds.publish.topic import LARGEST_FEED


def render_search(
    site: Site,
    query: Query,
    entries: Sequence[Entry],
    form: Form,
    *,
    limit: int,
    topics: Sequence[Topic],
    fragments: Fragments,
) -> Answered:
    """Return what `query` found, newest first, in one form. Same arguments, same bytes.

    `limit` is how many were asked for at most. An entry that cannot be rendered is left out; so is what would make the
    Atom feed larger than 1 MB.
    """
    site, tabs = clean_site(site), [clean_topic(topic) for topic in topics]
    found = fragments.of(entries, site, tabs)[0]
    fit = len(list(takewhile(lambda size: size <= LARGEST_FEED, accumulate(len(each.atom) for each in found))))
    cut = len(entries) >= limit or fit < len(found)
    found = found[:fit]
    head = search_channel(site, query.text, [each.shown for each in found])
    match form:
        case "html":
            body = page.search_page(site, head, found, tabs, query.text, cut=cut)
        case "json":
            body = json_feed(head, [each.json for each in found])
        case "atom":
            body = atom_rss.join(head, form, [each.atom for each in found])
        case "rss":
            body = atom_rss.join(head, form, [each.rss for each in found])
    return Answered(form=form, body=body, modified=head.updated)


def render_form(site: Site, asked: str, misread: Misread | None, *, topics: Sequence[Topic]) -> Answered:
    """Return the page that asks for a query, and says why the one that was `asked` cannot be understood."""
    site, tabs = clean_site(site), [clean_topic(topic) for topic in topics]
    head = search_channel(site, "", [])
    body = page.search_page(site, head, [], tabs, asked, misread=misread)
    return Answered(form="html", body=body, modified=head.updated, understood=misread is None)

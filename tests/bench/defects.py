"""A small good site, and one defect after another to plant in a copy of it.

A site is {key: bytes}. A Defect changes it in one place; which of the four pages gets it, a seed says. Where it is, the
difference to the good site says, so no table of places can be wrong.
"""

import binascii
import random
import struct
import zlib
from dataclasses import dataclass
from typing import Callable

PAGES = {  # key: address behind the host, way up to the root, title
    "index.html": ("", "", "Home"),
    "about.html": ("about.html", "", "About us"),
    "guide/index.html": ("guide/", "../", "The guide"),
    "guide/start.html": ("guide/start.html", "../", "First steps"),
}
HOST = "https://www.example.com/"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}, a small site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{title}: a page of a small site about cafés.">
<link rel="canonical" href="{host}{address}">
<link rel="icon" href="{up}favicon.png">
<link rel="manifest" href="{up}site.webmanifest">
<link rel="alternate" type="application/atom+xml" title="News" href="{up}feed.xml">
<link rel="stylesheet" href="{up}css/site.css">
<meta property="og:image" content="{host}img/photo.png">
<script src="{up}js/app.js" defer></script>
</head>
<body>
<nav aria-label="Pages">
<ul>
<li><a href="{up}index.html">Home</a></li>
<li><a href="{up}about.html#more">About</a></li>
<li><a href="{up}guide/">Guide</a></li>
<li><a href="{up}guide/start.html">Start</a></li>
</ul>
</nav>
<main>
<h1>{title}</h1>
<p id="lead">A page about cafés &amp; tea.</p>
<h2 id="more">More</h2>
<p><a href="#lead">Back up</a>, or <a href="https://other.example.net/" target="_blank" rel="noopener">elsewhere</a>.</p>
<img src="{up}img/photo.png" srcset="{up}img/photo-2x.png 2x" alt="A cup" width="16" height="16">
<video src="{up}media/clip.mp4" poster="{up}img/poster.png" controls></video>
<form action="{up}about.html" method="get">
<label for="words">Search for</label>
<input id="words" name="words" type="search">
<button type="submit">Search</button>
</form>
</main>
</body>
</html>
"""

OTHER_TEXTS = {
    "css/site.css": "@import url(print.css) print;\nbody { color: #222; background: #fff url(../img/paper.png); }\n",
    "css/print.css": "nav { display: none; }\n",
    "js/app.js": "document.documentElement.dataset.ready = 'yes';\n",
    "site.webmanifest": '{\n  "name": "A small site",\n  "start_url": "/",\n'
    '  "icons": [{"src": "/img/icon.png", "sizes": "16x16", "type": "image/png"}]\n}\n',
    "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {HOST}sitemap.xml\n",
    "sitemap.xml": '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    + "".join(f"<url><loc>{HOST}{address}</loc></url>\n" for address, _, _ in PAGES.values())
    + "</urlset>\n",
    "feed.xml": '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<title>News</title>\n'
    f"<id>{HOST}</id>\n<updated>2026-01-01T00:00:00Z</updated>\n<author><name>A</name></author>\n<entry>\n<title>Open</title>\n"
    f'<id>{HOST}about.html</id>\n<updated>2026-01-01T00:00:00Z</updated>\n<link href="{HOST}about.html"/>\n</entry>\n</feed>\n',
    "_redirects": "/old /about.html 301\n/start /guide/start.html 301\n",
}
IMAGES = ("favicon.png", "img/photo.png", "img/photo-2x.png", "img/poster.png", "img/paper.png", "img/icon.png")


def png(side=16, rows=None):
    """A grey square; `rows` of other bytes make it large."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", binascii.crc32(kind + body))

    pixels = zlib.compress(rows or (b"\0" + b"\x80" * side) * side)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def large_png():
    """Of 600 by 600, so noisy that it does not get small."""
    rng = random.Random("noise")
    return png(600, b"".join(b"\0" + rng.randbytes(600) for _ in range(600)))


def good_site():
    site = {
        key: PAGE.format(host=HOST, address=address, up=up, title=title).encode()
        for key, (address, up, title) in PAGES.items()
    }
    site |= {key: text.encode() for key, text in OTHER_TEXTS.items()}
    site |= {key: png() for key in IMAGES}
    site["media/clip.mp4"] = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2mp41"
    return site


# --- What can be wrong -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Defect:
    name: str
    edit: Callable[[dict, str], None]  # (site, the page that the seed chose)
    of_file: bool = False  # of a file as a whole: no line is more right than another


def swap(site, key, old, new):
    old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
    if site[key].count(old) != 1:
        raise AssertionError(f"{old!r} is {site[key].count(old)} times in {key}")
    site[key] = site[key].replace(old, new)


def add(html):
    """A new line of the page, behind its first paragraph. {up} is the way to the root."""

    def edit(site, page):
        line = html if isinstance(html, bytes) else html.replace("{up}", PAGES[page][1]).encode()
        swap(site, page, '\n<h2 id="more">', b"\n" + line + b'\n<h2 id="more">')

    return edit


def add_to_head(html):
    return lambda site, page: swap(site, page, "\n</head>", "\n" + html.replace("{up}", PAGES[page][1]) + "\n</head>")


def change(old, new):
    """Of the page; {up} is the way to the root."""
    return lambda site, page: swap(site, page, *(text.replace("{up}", PAGES[page][1]) for text in (old, new)))


def drop_line(begin):
    """The one line of the page that begins so."""

    def edit(site, page):
        lines = site[page].split(b"\n")
        kept = [line for line in lines if not line.startswith(begin.encode())]
        assert len(kept) == len(lines) - 1, begin
        site[page] = b"\n".join(kept)

    return edit


def change_file(key, old, new):
    return lambda site, page: swap(site, key, old, new)


def new_file(key, body, link=None):
    """`link`: a line for the page that makes the file one of the site's."""

    def edit(site, page):
        site[key] = body
        if link:
            add(link)(site, page)

    return edit


def turn(page_to_bytes):
    def edit(site, page):
        site[page] = page_to_bytes(site[page])

    return edit


def key_of_a_cloud():
    """Of the shape of a secret, but nobody's; never in this text, where other checkers would find it."""
    rng = random.Random("nobody's")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "AKIA" + "".join(rng.choice(letters) for _ in range(16))


LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"

DEFECTS = {
    "Format": (
        Defect("element not closed", add("<div><p>Open.</p>")),
        Defect("stray end tag", add("<p>Closed twice.</p></section>")),
        Defect("tags that overlap", add("<p><b>bold <i>both</b> italic</i></p>")),
        Defect("`<div>` between the rows of a table", add("<table><tr><td>1</td></tr><div>moved</div></table>")),
        Defect("`<ul>` inside `<p>`", add("<p>A list: <ul><li>one</li></ul></p>")),
        Defect("`<div/>`", add('<div class="line"/>')),
        Defect("duplicate id", add('<p id="lead">Again.</p>')),
        Defect("duplicate attribute", add('<p class="a" title="b" class="c">Twice.</p>')),
        Defect("`&name;` that is no character", add("<p>Tea &nosuchname; coffee</p>")),
        Defect("no doctype", change("<!DOCTYPE html>\n", ""), of_file=True),
        Defect("doctype after text", change("<!DOCTYPE html>\n", "<p>Early.</p><!DOCTYPE html>\n")),
        Defect("old doctype: quirks mode", change("<!DOCTYPE html>", '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">')),
        Defect("a byte that is not UTF-8", add(b"<p>caf\xe9</p>")),
        Defect("UTF-16", turn(lambda page: page.decode().encode("utf-16")), of_file=True),
        Defect("another charset declared", change('charset="utf-8"', 'charset="iso-8859-1"')),
        Defect("NUL byte", add(b"<p>nu\0ll</p>")),
        Defect("empty page", turn(lambda page: b""), of_file=True),
        Defect("page cut off inside a tag", turn(lambda page: page[: page.index(b' poster="')])),
    ),
    "References": (
        Defect("`<a href>`", add('<p><a href="{up}nix.html">x</a></p>')),
        Defect("`<img src>`", add('<img src="{up}img/nix.png" alt="x">')),
        Defect("`srcset`", change("{up}img/photo-2x.png 2x", "{up}img/nix.png 2x")),
        Defect("`poster`", change("{up}img/poster.png", "{up}img/nix.png")),
        Defect("`<video src>`", change("{up}media/clip.mp4", "{up}media/nix.mp4")),
        Defect("`<script src>`", change("{up}js/app.js", "{up}js/nix.js")),
        Defect("style sheet", change("{up}css/site.css", "{up}css/nix.css")),
        Defect("icon", change("{up}favicon.png", "{up}nix.png")),
        Defect("`<iframe src>`", add('<iframe src="{up}nix.html" title="x"></iframe>')),
        Defect("`<object data>`", add('<object data="{up}img/nix.svg" type="image/svg+xml">x</object>')),
        Defect("`<form action>`", change('action="{up}about.html"', 'action="{up}nix.html"')),
        Defect("`style=\"\"` `url()`", add('<p style="background: url({up}img/nix.png)">x</p>')),
        Defect("`<style>` `url()`", add_to_head("<style>main { background: url({up}img/nix.png); }</style>")),
        Defect("CSS `url()`", change_file("css/site.css", "img/paper.png", "img/nix.png")),
        Defect("CSS `@import`", change_file("css/site.css", "print.css", "nix.css")),
        Defect("meta refresh", add_to_head('<meta http-equiv="refresh" content="0; url={up}nix.html">')),
        Defect("`og:image`", change('content="https://www.example.com/img/photo.png"', 'content="https://www.example.com/nix.png"')),
        Defect("absolute address of the site", add(f'<p><a href="{HOST}nix.html">x</a></p>')),
        Defect("canonical", change('rel="canonical" href="https://www.example.com/', 'rel="canonical" href="https://www.example.com/nix/')),
        Defect("web manifest", change_file("site.webmanifest", "/img/icon.png", "/img/nix.png")),
        Defect("sitemap", change_file("sitemap.xml", f"{HOST}about.html", f"{HOST}nix.html")),
        Defect("feed", change_file("feed.xml", f'href="{HOST}about.html"', f'href="{HOST}nix.html"')),
        Defect("`_redirects`", change_file("_redirects", "/about.html", "/nix.html")),
        Defect("fragment of the page itself", add('<p><a href="#nix">x</a></p>')),
        Defect("fragment of another page", change("about.html#more", "about.html#nix")),
        Defect("upper and lower case", change("{up}img/photo.png\"", "{up}img/Photo.png\"")),
        Defect("`//` in a path", add('<img src="{up}img//paper.png" alt="x">')),
        Defect("malformed address", add('<p><a href="https://exa mple.com/">x</a></p>')),
        Defect("above the root", add('<p><a href="../../../nix.html">x</a></p>')),
        Defect("`file:` address", add('<p><a href="file:///home/me/nix.html">x</a></p>')),
    ),
    "Accessibility, search": (
        Defect("no `alt`", change(' alt="A cup"', "")),
        Defect("no `lang`", change('<html lang="en">', "<html>")),
        Defect("no title", drop_line("<title>"), of_file=True),
        Defect("empty title", lambda site, page: swap(site, page, f"{PAGES[page][2]}, a small site", "")),
        Defect("no label", drop_line("<label")),
        Defect("no viewport", drop_line('<meta name="viewport"'), of_file=True),
        Defect("no description", drop_line('<meta name="description"'), of_file=True),
        Defect("no canonical", drop_line('<link rel="canonical"'), of_file=True),
        Defect("two `<h1>`", add("<h1>Another</h1>")),
    ),
    "Images": (
        Defect("what Git LFS leaves in place of an image", new_file("img/cup.png", LFS_POINTER, '<img src="{up}img/cup.png" alt="x">'), of_file=True),
        Defect("`<img width height>` of another shape", add('<img src="{up}img/icon.png" alt="x" width="16" height="40">')),
        Defect("600 pixels wide, shown with 100", new_file("img/cup.png", large_png(), '<img src="{up}img/cup.png" alt="x" width="100" height="100">'), of_file=True),
    ),
    "Security, limits": (
        Defect("mixed content", add('<img src="http://other.example.net/x.png" alt="x">')),
        Defect("no `noopener`", change(' rel="noopener"', "")),
        Defect("integrity that does not match", change("app.js\" defer", "app.js\" integrity=\"sha256-" + "A" * 43 + "=\" defer")),
        Defect("a key of a cloud in a script", lambda site, page: swap(site, "js/app.js", "'yes'", f"'{key_of_a_cloud()}'")),
        Defect("a private file", new_file(".env", b"PASSWORD=x\n"), of_file=True),
        Defect("a source map", new_file("js/app.js.map", b'{"version":3,"sources":[],"mappings":""}\n'), of_file=True),
        Defect("a file of 2 MiB, the limit is 1", new_file("big.bin", b"\1" * (2 << 20), '<p><a href="{up}big.bin">x</a></p>'), of_file=True),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    site: dict
    keys: frozenset  # of files that differ from the good site
    lines: dict  # key: range of lines that differ; without the key: of the file as a whole


def differing_lines(before, after):
    """Of `after`, from 1. Where lines are only missing, those around the gap."""
    a, b = before.split(b"\n"), after.split(b"\n")
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    tail = 0
    while tail < min(len(a), len(b)) - same and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    first, last = same + 1, len(b) - tail
    return range(first, last + 1) if last >= first else range(max(1, first - 1), first + 1)


def plant(defect, seed):
    before = good_site()
    after = dict(before)
    defect.edit(after, random.Random(f"{seed} {defect.name}").choice(list(PAGES)))
    keys = [key for key in after if after[key] != before.get(key)]
    if defect.of_file and any(key not in before for key in keys):
        keys = [key for key in keys if key not in before]  # the page that links to it is right
    lines = {} if defect.of_file else {key: differing_lines(before[key], after[key]) for key in keys}
    return Planted(after, frozenset(keys), lines)

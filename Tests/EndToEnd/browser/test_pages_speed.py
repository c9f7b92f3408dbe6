"""What the pages weigh, and how long one waits for them on a slow line."""

import gzip
import importlib.machinery
import importlib.util

import pytest
import requests
from certificates import make_certificate
from http2 import listeners
from private_stack import PASSWORD
from waterfall import measure, table

from stack.directory import ROOT

HTML = ROOT / "nginx" / "html"
PAGES = sorted(HTML.rglob("*.html"))
LANGUAGES = sorted(file.stem for file in (HTML / "assets" / "text").glob("*.js"))
# What a recording needs, and all that the recorder ever loads.
MAX_BYTES = {"Start": 45_000, "all": 60_000}


def load_script(name):
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "scripts" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


preloads = load_script("preloads")


@pytest.mark.smoke
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_names_all_modules_that_it_imports(page):
    text = page.read_text()
    assert text == preloads.with_preloads(text), "run scripts/preloads, and look at what it changed"


def test_imports_are_found():
    """By the browser's own rules: a module that is asked for and not named would come later."""
    assert preloads.imported(["after-start.js"])[:2] == ["finished-take.js", "keys.js"]
    source = 'import {\n  a,\n  b,\n} from "./a.js";\nexport { c } from "./b.js";\n'
    source += 'import "./c.js";\n'
    assert preloads.IMPORT.findall(source) == ["a.js", "b.js", "c.js"]
    assert preloads.IMPORT.findall('const a = "x";\nimport("./later.js");\n') == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("until", MAX_BYTES)
def test_recorder_weighs_little(stack, alice, language, until):
    """As nginx compresses it, with one language."""
    page = (HTML / "session" / "new.html").read_text()
    modules = ["new-session.js", "text.js"]
    modules += ["after-start.js"] if until == "all" else []
    modules += preloads.imported(modules)
    styles = ["base.css", "recording.css", "player.css", "icon.svg", "language.js"]
    assert all(f'"/assets/{name}"' in page for name in styles)
    names = [f"/assets/{name}" for name in {*modules, *styles, f"text/{language}.js"}]
    sizes = {name: compressed_size(stack.url, name, alice.user) for name in names}
    sizes["/session/new"] = compressed_size(stack.url, "/session/new", alice.user)
    assert sum(sizes.values()) <= MAX_BYTES[until], sorted(sizes.items(), key=lambda size: -size[1])


def compressed_size(url, path, user):
    headers = {"Accept-Encoding": "gzip"}
    answer = requests.get(url + path, auth=(user, PASSWORD), headers=headers, stream=True)
    assert answer.status_code == 200
    data = answer.raw.read()
    return len(data if answer.headers.get("Content-Encoding") else gzip.compress(data))


@pytest.mark.parametrize("protocol", ["h2", "http/1.1"])
def test_recorder_over_a_slow_line(new_browser, sites, stack, tmp_path, protocol):
    _, url, directives = listeners(make_certificate(tmp_path / "front"))
    front = sites.nginx(stack.path / "responder.sock", server=directives)
    address = url if protocol == "h2" else front.url
    browser = new_browser(url=address, arguments=["--ignore-certificate-errors"])
    front.add_user(browser.user)
    found = measure(browser)
    # The times are docs/pages.md's to judge: other tests run beside this one.
    print(protocol, {name: round(found[name]) for name in ("painted", "usable")}, sep="\n")
    print(table(found))
    assert protocol in {entry["protocol"] for entry in found["entries"]}
    assert found["painted"] <= found["usable"]

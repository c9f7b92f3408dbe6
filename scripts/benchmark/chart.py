"""The chart: a panel for each work, a bar for each peer, on light pages and on dark ones."""

from html import escape
from statistics import median

from .report import TITLES

PANELS = ("list", "post", "delete", "post_large", "at_once")
PARTS = {"backend": "backend", "nginx": "nginx", "postgres": "PostgreSQL", "memory": "memory"}
WIDTH, LEFT, RIGHT, ROW, GAP = 760, 150, 130, 20, 34
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 } .value { fill: #59636e }
  .backend { fill: #d1570a } .nginx { fill: #2b8a3e } .postgres { fill: #3566b8 }
  .memory { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .value { fill: #9198a1 }
    .backend { fill: #f0883e } .nginx { fill: #56d364 } .postgres { fill: #6ea8fe }
    .memory { fill: #bc8cff }
  }"""


def svg(results):
    shapes, top = _legend(), 46
    for work in PANELS:
        peers = results["samples"].get(work)
        if peers:
            shapes += _panel(results, work, peers, top)
            top += GAP + ROW * len(peers)
    label = "CPU time and memory of sessions-fcgi and its peers"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img"'
        f' aria-label="{label}">\n<style>{STYLE}\n</style>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _legend():
    shapes, left = [], LEFT
    for part, title in PARTS.items():
        shapes.append(f'<rect class="{part}" x="{left}" y="10" width="12" height="12"/>')
        shapes.append(_text(left + 18, 21, title))
        left += 110
    return shapes


def _panel(results, work, peers, top):
    unit = "MiB, peak" if work == "at_once" else "CPU, ms a request"
    shapes = [_text(0, top, f"{TITLES[work].format(**results)} ({unit})", "title")]
    lengths = {
        name: {part: median(peers[name][part]) for part in PARTS if part in peers[name]}
        for name in results["peers"]
        if name in peers
    }
    scale = (WIDTH - LEFT - RIGHT) / max(sum(parts.values()) for parts in lengths.values())
    for row, (name, parts) in enumerate(lengths.items()):
        y = top + 8 + ROW * row
        shapes.append(_text(0, y + 12, results["peers"][name]))
        x = LEFT
        for part, number in parts.items():
            shapes.append(
                f'<rect class="{part}" x="{x:.1f}" y="{y}" width="{number * scale:.1f}"'
                f' height="{ROW - 5}"/>'
            )
            x += number * scale
        shapes.append(_text(round(x + 6, 1), y + 12, _values(parts), "value"))
    return shapes


def _values(parts):
    total = sum(parts.values())
    return f"{total:.0f}" if total >= 100 else f"{total:.2f}"


def _text(x, y, text, kind=""):
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{kind}>{escape(text)}</text>'

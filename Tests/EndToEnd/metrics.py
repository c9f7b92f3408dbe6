"""Reads Prometheus' text format (0.0.4) strictly: what a scraper would refuse fails the test."""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
DESCRIPTION = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")
KINDS = {"counter", "gauge", "histogram"}
SUFFIXES = ("_bucket", "_sum", "_count")


class Metrics:
    def __init__(self, text):
        self.kinds = {}
        self.samples = {}  # (name, frozenset of labels): number
        assert text.endswith("\n")
        family = None
        for line in text.splitlines():
            if line.startswith("#"):
                what, name, rest = DESCRIPTION.fullmatch(line).groups()
                if what == "TYPE":
                    assert name not in self.kinds, f"{name} is described twice"
                    assert rest in KINDS
                    self.kinds[name] = rest
                    family = name
                continue
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert self._family(name) == family, f"{name} stands under {family}"
            pairs = re.findall(r'([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"', labels or "")
            assert len(dict(pairs)) == len(pairs)
            key = (name, frozenset(pairs))
            assert key not in self.samples, f"{line} occurs twice"
            self.samples[key] = float(value)
        self._check_histograms()

    def _family(self, name):
        for suffix in SUFFIXES:
            base = name.removesuffix(suffix)
            if base != name and self.kinds.get(base) == "histogram":
                return base
        return name

    def _check_histograms(self):
        for (name, labels), total in list(self.samples.items()):
            base = name.removesuffix("_count")
            if base == name or self.kinds.get(base) != "histogram":
                continue
            buckets = []
            for (other, found), value in self.samples.items():
                bounds = [bound for label, bound in found if label == "le"]
                if other == base + "_bucket" and found - {("le", *bounds)} == labels:
                    buckets.append((math.inf if bounds == ["+Inf"] else float(bounds[0]), value))
            buckets.sort()
            counts = [count for _, count in buckets]
            assert counts == sorted(counts) and counts[-1] == total, base
            assert buckets[-1][0] == math.inf, base
            assert (base + "_sum", labels) in self.samples

    def __call__(self, name, **labels):
        """The number of that sample; 0 where there is none."""
        return self.samples.get((name, frozenset(labels.items())), 0)

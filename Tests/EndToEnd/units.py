"""Unit files of systemd, read as it reads them (systemd.syntax(7)), as far as ours go."""

import shlex


class Unit:
    """A unit file with its drop-ins: for each setting its values in their order."""

    def __init__(self, *files):
        self.settings = {}
        for file in files:
            section = ""
            for line in meaningful_lines(file):
                if line.startswith("["):
                    section = line.strip("[]")
                    continue
                name, value = line.split("=", 1)
                self._add(section, name, value)

    def _add(self, section, name, value):
        values = self.settings.setdefault((section, name), [])
        if value:
            values.append(value)
        else:
            values.clear()

    def all(self, section, name):
        return self.settings.get((section, name), [])

    def last(self, section, name):
        return self.settings[section, name][-1]


def environment_in(file):
    """An EnvironmentFile=: a variable a line, quoted as in a shell."""
    return dict(shlex.split(line)[0].split("=", 1) for line in meaningful_lines(file))


def meaningful_lines(file):
    return [line for line in file.read_text().splitlines() if line and line[0] not in "#;"]


def seconds(text):
    units = {"": 1, "s": 1, "min": 60, "h": 3600}
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return float(number) * units[text[len(number) :]]


def expand(text, specifiers):
    for name, value in specifiers.items():
        text = text.replace(name, value)
    return text

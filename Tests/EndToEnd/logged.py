"""A part whose log can be read."""

from stack.part import Part


class Logged(Part):
    def log_text(self):
        return self.run.log(self.name).read_text(errors="replace")

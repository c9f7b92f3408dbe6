"""`sessions-fcgi authorize`, and nginx that asks it."""

from sites import TestResponder

from stack.part import plain_environment


class Authorizer(TestResponder):
    """On a socket of its own, with these settings and no others."""

    def __init__(self, run, program, settings):
        super().__init__(run, program, settings, name="authorize")

    def command(self):
        return [*self.prefix, self.program, "authorize", "--listen", str(self.socket)]

    def environment(self):
        return {**plain_environment(), "LOG_LEVEL": "trace", **self.settings}


def asking(authorizer, *ways):
    """For `sites.nginx`: what names the authorizer, and the files of nginx/auth."""
    kept = "keepalive 4; keepalive_timeout 1s;"
    upstream = f"upstream sessions_authorize {{ server unix:{authorizer.socket}; {kept} }}"
    includes = "".join(f"include sessions-fcgi/auth/{way}.conf;" for way in ways)
    return {"identity": "auth-request", "http": upstream, "server": includes}

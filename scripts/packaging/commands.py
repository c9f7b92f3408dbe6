"""The commands of the program, as it tells them itself (`--experimental-dump-help`)."""


def subcommands(command):
    return [each for each in command["subcommands"] if each["commandName"] != "help"]


def arguments(command):
    """Its own: each command has --help and --version beside them."""
    common = {"help", "version"} if "subcommands" not in command else set()
    return [
        each
        for each in command["arguments"]
        if each["shouldDisplay"] and each["preferredName"]["name"] not in common
    ]


def spelled(argument):
    name = "--" + argument["preferredName"]["name"]
    return name if argument["kind"] == "flag" else f"{name} <{argument['valueName']}>"

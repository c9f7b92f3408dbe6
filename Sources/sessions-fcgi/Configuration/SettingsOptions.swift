// What every command takes.

internal import ArgumentParser

struct SettingsOptions: ParsableArguments {
  @Option(
    help: """
      A file with settings, NAME=value, as systemd's EnvironmentFile= reads it. The environment \
      comes first. Without this option it is the file that SESSIONS_ENV_FILE names.
      """)
  var envFile: String?
}

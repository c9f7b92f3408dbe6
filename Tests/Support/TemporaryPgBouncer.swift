// A PgBouncer for tests.

/// PgBouncer before `TemporaryPostgres`, in transaction mode and with one server connection: every
/// statement of every client may follow one of another client in the same session.
///
/// One is started per test process, when first asked for; it ends with the process.
package struct TemporaryPgBouncer: Sendable {
  package let port: Int
  private let shell: SupervisingShell

  package enum Failure: Error { case notStarted(String) }

  package static func shared() throws -> TemporaryPgBouncer { try started.get() }

  private static let started = Result { try start() }

  /// One of the caller's own, with one more line of settings.
  package static func start(setting: String = "") throws -> TemporaryPgBouncer {
    let server = try TemporaryPostgres.shared()
    var log = ""
    for _ in 0..<5 {
      let port = try freePort()
      let shell = try SupervisingShell(
        script, arguments: [makeTemporaryDirectory(), "\(port)", "\(server.port)", setting])
      log = shell.readLine()
      if log == "ready" { return TemporaryPgBouncer(port: port, shell: shell) }
    }
    throw Failure.notStarted(log)
  }

  /// $1 directory, $2 port, $3 the server's port, $4 a setting. It prints one line, `ready` or what
  /// failed.
  private static let script = """
    trap '' INT TERM HUP PIPE
    cd / && PATH=$PATH:/usr/sbin
    as=
    if [ "$(id -u)" = 0 ]; then
      chown nobody "$1"
      as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
    fi
    printf '%s\\n' '[databases]' "* = host=127.0.0.1 port=$3 user=postgres" '[pgbouncer]' \\
      'listen_addr = 127.0.0.1' "listen_port = $2" 'unix_socket_dir =' 'auth_type = any' \\
      'pool_mode = transaction' 'default_pool_size = 1' "$4" >"$1/ini"
    $as pgbouncer "$1/ini" >"$1/log" 2>&1 &
    bouncer=$!
    state=
    for try in $(seq 100); do
      kill -0 $bouncer 2>/dev/null || break
      psql "postgres://x@127.0.0.1:$2/postgres" -c '' >/dev/null 2>&1 && state=ready && break
      sleep 0.05
    done
    if [ "$state" ]; then echo ready; else tail -n 1 "$1/log"; fi
    read -r end
    kill -KILL $bouncer 2>/dev/null
    rm -rf "$1"
    """
}

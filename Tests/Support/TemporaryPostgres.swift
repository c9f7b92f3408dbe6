// A PostgreSQL server for tests.

internal import Glibc
internal import POSIX
internal import SystemPackage

/// A throw-away PostgreSQL cluster on a free port of 127.0.0.1 and on a Unix socket.
///
/// One is started per test process, when first asked for. It ends with the process, however that
/// ends: a shell beside the server reads a pipe that only this process holds open, and at its end
/// stops the server and removes its files. As root the server runs as `postgres` or `nobody`.
/// The role `locked` needs its password; every other is let in. TLS is on, with a certificate of
/// its own for the name localhost.
package struct TemporaryPostgres: Sendable {
  /// The directory of the Unix socket.
  package let directory: String
  package let port: Int
  private let shell: SupervisingShell

  package enum Failure: Error { case noBinaries, notStarted(String) }

  /// The process's server. It fails again the same way for each who asks.
  package static func shared() throws -> TemporaryPostgres { try started.get() }

  private static let started = Result { try start() }

  package static let lockedPassword = "s3cret-pa55/word"

  /// The file of the server's certificate.
  package var certificate: String { "\(directory)/data/server.crt" }

  /// A URL by TCP.
  package func url(user: String = "postgres", database: String = "postgres") -> String {
    "postgres://\(user)@127.0.0.1:\(port)/\(database)"
  }

  /// A URL by the Unix socket.
  package var socketURL: String {
    "postgres://postgres@/postgres?host=\(directory)&port=\(port)"
  }

  private static func start() throws -> TemporaryPostgres {
    let binaries = try findBinaries()
    var log = ""
    // Somebody else may take the free port before the server does.
    for _ in 0..<5 {
      let port = try freePort()
      let directory = try makeTemporaryDirectory()
      let shell = try SupervisingShell(script, arguments: [directory, "\(port)", binaries])
      log = shell.readLine()
      if log == "ready" {
        return TemporaryPostgres(directory: directory, port: port, shell: shell)
      }
    }
    throw Failure.notStarted(log)
  }

  /// $1 directory, $2 port, $3 binaries. It prints one line, `ready` or what failed.
  private static let script = """
    trap '' INT TERM HUP PIPE
    cd / && PATH=$3:$PATH && export LC_ALL=C.UTF-8 && unset TZ
    as=
    if [ "$(id -u)" = 0 ]; then
      user=postgres; id "$user" >/dev/null 2>&1 || user=nobody
      chown "$user" "$1"
      as="setpriv --reuid=$user --regid=$(id -g $user) --clear-groups"
    fi
    data=$1/data
    hba=$data/pg_hba.conf
    $as initdb -D "$data" -U postgres -A trust -E UTF8 -N --no-instructions >"$1/log" 2>&1 &&
    printf '%s\\n' 'local all all trust' 'host all locked 127.0.0.1/32 scram-sha-256' \\
      'host all all 127.0.0.1/32 trust' >"$hba" &&
    $as openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
      -subj /CN=localhost -addext subjectAltName=DNS:localhost \
      -keyout "$data/server.key" -out "$data/server.crt" >>"$1/log" 2>&1 &&
    $as pg_ctl -D "$data" -w -s -l "$data/log" start -o "-p $2 -k $1 -c listen_addresses=127.0.0.1 \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=100 \
    -c shared_buffers=16MB -c autovacuum=off -c ssl=on" >>"$1/log" 2>&1 &&
    $as psql -h "$1" -p "$2" -U postgres -q -c \
      "CREATE ROLE locked LOGIN PASSWORD '\(lockedPassword)'" >>"$1/log" 2>&1 &&
    echo ready || tail -n 1 "$1/log"
    read -r end
    $as pg_ctl -D "$data" -s -m immediate stop >/dev/null 2>&1
    rm -rf "$1"
    """

  private static func findBinaries() throws -> String {
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    let directories = path.split(separator: ":").map(String.init)
    if let found = directories.first(where: { unsafe access("\($0)/initdb", X_OK) == 0 }) {
      return found
    }
    // Debian keeps the server's programs out of the PATH.
    let versions = (9...40).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
    guard let found = versions.first(where: { unsafe access("\($0)/initdb", X_OK) == 0 }) else {
      throw Failure.noBinaries
    }
    return found
  }
}

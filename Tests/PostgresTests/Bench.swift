// What the tests of this module share.

import POSIX
import TestSupport

@testable import Postgres

/// Long enough for a busy machine; a test that reaches it has failed.
func soon() -> Deadline { .after(.seconds(60)) }

func databaseURL(_ text: String) throws -> DatabaseURL {
  try DatabaseURL(text, for: .linked())
}

func openConnection(_ parameters: String = "") throws -> Connection {
  let server = try TemporaryPostgres.shared()
  return try Connection.open(databaseURL(server.url() + parameters), until: soon())
}

func openPool(
  size: Int = 2, wait: Duration? = .seconds(60), idleTime: Duration = .seconds(300)
) throws -> ConnectionPool {
  let server = try TemporaryPostgres.shared()
  return ConnectionPool(
    try databaseURL(server.url()), .init(size: size, wait: wait, idleTime: idleTime))
}

/// The process id of the server's end of a connection.
func backend(of connection: inout Connection) throws(PostgresError) -> Int {
  try connection.execute("SELECT pg_backend_pid()", until: soon()).int(0, 0)
}

/// Runs `body` on `count` threads, which it tells apart by 1 to `count`, until all have ended.
func withThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
  guard count > 0 else { return }
  let thread = try Thread.start(name: "user") { body(count) }
  let others = Result { try withThreads(count - 1, body) }
  thread.join()
  try others.get()
}

// A thread beside a test.

internal import POSIX

/// Runs `body` on a thread of its own while `action` runs here, and returns when both have ended.
package func withThread(
  name: String = "test", _ body: @escaping @Sendable () -> Void,
  whileRunning action: () throws -> Void = {}
) throws {
  let thread = try Thread.start(name: name, body)
  let result = Result { try action() }
  thread.join()
  try result.get()
}

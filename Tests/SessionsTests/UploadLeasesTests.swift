// The thread that renews leases.

import Logging
import POSIX
import Testing

@testable import Sessions

@Suite struct `Upload leases` {
  @Test func `the thread that renews them ends when told, so that none is left to meet exit`()
    throws
  {
    let database = try UnreachableDatabase()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let leases = try UploadLeases(pool: database.pool, log: log)
    var threads = try ThreadGroup()
    try leases.startRenewing(in: &threads)
    leases.stopRenewing()
    let haveEnded = threads.join(until: .after(.seconds(60)))
    #expect(haveEnded)
  }
}

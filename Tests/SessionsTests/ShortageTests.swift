// What a client is told when this process has run out of something.

import HTTPClient
import OpenSSL
import POSIX
import SystemPackage
import Testing

@testable import Postgres
@testable import R2
@testable import Sessions

@Suite struct `A shortage of our own` {
  private static let shortages = [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem]

  @Test(arguments: shortages)
  func `is no fault of the database`(error: Errno) {
    let failed = ConnectionFailure(reason: .noDescriptor, endpoint: "db")
    for error in [PostgresError.cannotWait(error), .connectionFailed(failed)] {
      let failure = RequestFailure(error)
      #expect(failure.refusal == .overloaded)
      #expect(failure.cause?.lowercased().contains("too many open files") == true)
    }
  }

  @Test(arguments: shortages)
  func `is no fault of storage`(error: Errno) {
    let failure = RequestFailure(R2Error.http(.unreachable(.noDescriptor(error))))
    #expect(failure.refusal == .overloaded)
    #expect(
      failure.cause == "no file descriptor is left for object storage: \(error.description)")
  }

  @Test func `is told apart from their own faults`() {
    let refused = ConnectionFailure(reason: .refused, endpoint: "db")
    #expect(RequestFailure(PostgresError.connectionFailed(refused)).refusal == .databaseUnavailable)
    let error = R2Error.http(.unreachable(.refused(.connectionRefused)))
    #expect(RequestFailure(error).refusal == .storageUnavailable)
  }
}

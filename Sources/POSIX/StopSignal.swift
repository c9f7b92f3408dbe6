// The order to stop, given once and seen by every thread that waits for work.

internal import CPOSIX
internal import Glibc
package import SystemPackage

/// An order that any number of threads can wait for beside other descriptors.
package final class StopSignal: Sendable {
  /// Readable from the moment the order is given.
  package let receiver: OwnedDescriptor
  private let sender: OwnedDescriptor

  package init() throws(Errno) {
    var ends: [CInt] = [-1, -1]
    _ = try retrying { unsafe cposix_pipe(&ends) }
    receiver = OwnedDescriptor(owning: ends[0])
    sender = OwnedDescriptor(owning: ends[1])
  }

  /// Gives the order. It stays given; giving it again changes nothing.
  package func give() {
    // Nobody reads the byte, so the pipe stays readable for all. It cannot be full: a full one
    // was given long ago.
    var byte: UInt8 = 1
    _ = unsafe Glibc.write(sender.number, &byte, 1)
  }

  /// Waits for the order, at most until `deadline`.
  ///
  /// - Returns: whether it has been given.
  package func wait(until deadline: Deadline) throws(Errno) -> Bool {
    try POSIX.wait(for: .readable, on: receiver.number, until: deadline)
  }
}

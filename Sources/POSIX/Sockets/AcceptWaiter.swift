// One thread's wait for a connection or for the order to stop.

internal import CPOSIX
package import SystemPackage

/// What one thread of many uses to wait on a listener.
///
/// The kernel wakes one waiting thread for a connection (`EPOLLEXCLUSIVE`); with `poll` every
/// idle worker would wake for every request. A class, so that all of a server's can be made before
/// its first thread is started. The corresponding C function is `epoll_wait`.
package final class AcceptWaiter: Sendable {
  private let epoll: OwnedDescriptor

  /// Waits on the borrowed `listener`, which must outlive the waiter, as must `stop`.
  package init(listener: CInt, stop: borrowing Event) throws(Errno) {
    epoll = OwnedDescriptor(
      owning: try retrying { cposix_make_accept_waiter(listener, stop.descriptor.number) })
  }

  /// - Returns: true when a connection may be there; false once the order to stop was given.
  package func wait() throws(Errno) -> Bool {
    try retrying { cposix_wait_to_accept(epoll.number) } == 1
  }
}

// The owner of libpq's connection.

internal import CPostgres

/// Owns a `PGconn` and closes it when its life ends.
///
/// `@unchecked Sendable` holds because libpq lets any thread use a connection as long as only one
/// does at a time (PostgreSQL, "34.20. Behavior in Threaded Programs"), and this type has one
/// owner, `Connection`, whose methods are `mutating` wherever they touch the connection's state.
@safe struct ConnectionHandle: ~Copyable, @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

  // PQfinish sends its Terminate without waiting: the connection is non-blocking.
  deinit { unsafe PQfinish(pointer) }
}

// The rows a statement answered with.

internal import CPostgres

/// Owns a result of libpq: rows of typed values, or the count of rows a statement changed.
///
/// It is independent of the connection it came from. Rows and columns are counted from 0; one out
/// of range is a fault of the caller and stops the program.
@safe package struct QueryResult: ~Copyable {
  private let handle: OpaquePointer
  package let rowCount: Int
  package let columnCount: Int

  init(owning handle: OpaquePointer) {
    unsafe self.handle = handle
    rowCount = unsafe Int(PQntuples(handle))
    columnCount = unsafe Int(PQnfields(handle))
  }

  deinit { unsafe PQclear(handle) }

  package func isNull(_ row: Int, _ column: Int) -> Bool {
    check(row, column)
    return unsafe PQgetisnull(handle, CInt(row), CInt(column)) != 0
  }

  /// Lends the bytes of a value to `body`: its text as the server sent it, not checked to be
  /// UTF-8. NULL has no bytes; ask `isNull`.
  package func withBytes<Value: ~Copyable, Failure: Error>(
    _ row: Int, _ column: Int, _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    check(row, column)
    let start = unsafe UnsafeRawPointer(PQgetvalue(handle, CInt(row), CInt(column)))
    let count = unsafe Int(PQgetlength(handle, CInt(row), CInt(column)))
    let bytes = unsafe UnsafeBufferPointer(
      start: start?.assumingMemoryBound(to: UInt8.self), count: count)
    return try unsafe body(bytes.span)
  }

  private func check(_ row: Int, _ column: Int) {
    precondition(row >= 0 && row < rowCount, "no such row")
    checkColumn(column)
  }

  private func checkColumn(_ column: Int) {
    precondition(column >= 0 && column < columnCount, "no such column")
  }
}

// The rows a statement answered with.

internal import CPostgres
internal import HTTPSyntax

/// The rows of a statement, as typed values.
///
/// It is independent of the connection it came from. Rows and columns are counted from 0. What the
/// server sent is not believed to be what its reader expects: one out of range is an error.
package struct QueryResult: ~Copyable {
  /// What all values of a result may take together, so that no answer can take all memory. One
  /// value alone may be larger than that in libpq's buffer before it is refused.
  static let maxBytes = 64 << 20

  package private(set) var rowCount = 0
  package private(set) var columnCount = 0
  /// The values, one after the other.
  private var bytes: [UInt8] = []
  /// Row by row.
  private var cells: [Cell] = []

  private struct Cell {
    /// Where the value ends in `bytes`; it begins where the one before ends.
    let end: Int
    let isNull: Bool
  }

  /// Takes the rows of `handle`, which has as many columns as those before it.
  ///
  /// - Throws: `resultTooLarge`.
  mutating func append(rowsOf handle: OpaquePointer) throws(PostgresError) {
    columnCount = unsafe Int(PQnfields(handle))
    for row in 0..<(unsafe PQntuples(handle)) {
      for column in 0..<CInt(columnCount) {
        let count = unsafe Int(PQgetlength(handle, row, column))
        let used = bytes.count + cells.count * MemoryLayout<Cell>.stride
        guard count <= QueryResult.maxBytes - used else { throw .resultTooLarge }
        if let start = unsafe PQgetvalue(handle, row, column) {
          let value = unsafe UnsafeRawBufferPointer(start: start, count: count)
          unsafe bytes.append(contentsOf: value)
        }
        let isNull = unsafe PQgetisnull(handle, row, column) != 0
        cells.append(Cell(end: bytes.count, isNull: isNull))
      }
      rowCount += 1
    }
  }

  /// - Throws: `unexpectedShape` where there is no such row or column; so do all that follow.
  package func isNull(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
    cells[try index(row, column)].isNull
  }

  /// Lends the bytes of a value to `body`: its text as the server sent it, not checked to be
  /// UTF-8. NULL has no bytes; ask `isNull`.
  package func withBytes<Value: ~Copyable>(
    _ row: Int, _ column: Int, _ body: (Span<UInt8>) -> Value
  ) throws(PostgresError) -> Value {
    let index = try index(row, column)
    let start = index == 0 ? 0 : cells[index - 1].end
    return body(bytes.span.extracting(start..<cells[index].end))
  }

  /// The value's bytes as the server sent them, such as JSON.
  package func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
    if try isNull(row, column) { throw .unexpectedNull(column: column) }
    // One that is alone is handed over where it lies.
    return cells.count == 1 ? bytes : try withBytes(row, column) { Array(copying: $0) }
  }

  private func index(_ row: Int, _ column: Int) throws(PostgresError) -> Int {
    guard (0..<rowCount).contains(row), (0..<columnCount).contains(column) else {
      throw .unexpectedShape
    }
    return row * columnCount + column
  }
}

/// Owns one of libpq's results.
@safe struct ResultHandle: ~Copyable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

  deinit { unsafe PQclear(pointer) }
}

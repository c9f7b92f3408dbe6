// What a session with the server knows by name.

/// Which statements are prepared on a connection, and which are worth it.
struct PreparedStatements {
  private enum Use {
    case once
    case prepared
  }

  private var uses: [String: Use] = [:]
  /// Whether what was prepared on this connection is there at the next statement. A pooler in
  /// transaction mode may lead to another session.
  private(set) var isUsable: Bool

  init(isUsable: Bool) { self.isUsable = isUsable }

  /// What to do with a statement that is about to run.
  enum Plan {
    /// Run it without a name: it may not come again.
    case unnamed
    /// Prepare it, then run it by its name.
    case prepare
    /// It is there.
    case named
  }

  /// Counts a use of `statement`.
  mutating func plan(for statement: borrowing Statement) -> Plan {
    guard isUsable else { return .unnamed }
    switch uses[statement.name] {
    case nil:
      uses[statement.name] = .once
      return .unnamed
    case .once: return .prepare
    case .prepared: return .named
    }
  }

  mutating func add(_ statement: borrowing Statement) { uses[statement.name] = .prepared }

  /// - Returns: whether it was prepared.
  mutating func remove(_ statement: borrowing Statement) -> Bool {
    uses.removeValue(forKey: statement.name) == .prepared
  }

  /// Gives up on names: the sessions behind the connection change.
  mutating func abandon() {
    uses = [:]
    isUsable = false
  }
}

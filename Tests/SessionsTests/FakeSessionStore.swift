// The sessions of a test, in memory.

import POSIX
import Postgres
import R2
import Synchronization

@testable import Sessions

/// Keeps one user's sessions. What a call is to come to can be told beforehand.
final class FakeSessionStore: SessionStore {
  struct State {
    /// Keys of recordings by session; nil where a recording is gone.
    var sessions: [String: String?] = [:]
    var statuses: [String: String] = [:]
    /// The calls in their order, as far as the service may choose them.
    var calls: [String] = []

    var beginning: UploadBeginning?
    var ending: UploadEnding?
    /// The call that fails, and with what.
    var failures: [String: PostgresError] = [:]
  }

  static let user = "demo"
  static let createdAt = "2026-02-18T22:55:18.123Z"

  private let state = Mutex(State())

  var now: State { state.withLock { $0 } }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  private func call<Value>(
    _ name: String, _ details: String..., then body: (inout State) -> Value
  ) throws(PostgresError) -> Value {
    let result: Result<Value, PostgresError> = state.withLock { state in
      state.calls.append(([name] + details).joined(separator: " "))
      if let error = state.failures[name] { return .failure(error) }
      return .success(body(&state))
    }
    return try result.get()
  }

  func begin(
    _ id: String, of identity: Identity, newUserID: String, _ upload: borrowing Upload,
    _ key: IdempotencyKey?, _ limits: UploadLimits, until deadline: Deadline
  ) throws(PostgresError) -> UploadBeginning {
    let audioKey = "sessions/u/\(id)/audio.\(AudioKey.fileExtension(upload.subtype))"
    return try call(
      "begin", identity.externalID, "\(upload.durationSeconds)", upload.language,
      upload.topic ?? "-", key?.text ?? "-"
    ) { state in
      if let beginning = state.beginning { return beginning }
      state.sessions[id] = .some(nil)
      state.statuses[id] = "CREATED"
      return .begun(audioKey: audioKey)
    }
  }

  func finish(
    _ id: String, _ key: ObjectKey, _ announcement: Announcement, until deadline: Deadline
  ) throws(PostgresError) -> UploadEnding {
    try call("finish") { state in
      if let ending = state.ending { return ending }
      state.sessions[id] = key.text
      state.statuses[id] = "UPLOADED"
      return .uploaded(createdAt: FakeSessionStore.createdAt)
    }
  }

  func fail(_ id: String, message: String, until deadline: Deadline) throws(PostgresError) {
    try call("fail") { $0.statuses[id] = "FAILED" }
  }

  func list(
    of identity: Identity, _ page: Page, until deadline: Deadline
  ) throws(PostgresError) -> [UInt8] {
    try call("list", identity.externalID, "\(page.number)", "\(page.limit)") { _ in
      bytes(#"{"sessions":[]}"#)
    }
  }

  func show(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> ShownSession {
    try call("show", id) { state in
      switch FakeSessionStore.found(id, of: identity, in: state) {
      case .unknownUser: .unknownUser
      case .noSession: .noSession
      case .session: .session(json: bytes(#"{"id":"\#(id)"}"#))
      }
    }
  }

  func find(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession {
    try call("find", id) { FakeSessionStore.found(id, of: identity, in: $0) }
  }

  func delete(
    _ id: String, of identity: Identity, until deadline: Deadline
  ) throws(PostgresError) -> FoundSession {
    try call("delete", id) { state in
      let found = FakeSessionStore.found(id, of: identity, in: state)
      if case .session = found { state.sessions[id] = nil }
      return found
    }
  }

  private static func found(_ id: String, of identity: Identity, in state: State) -> FoundSession {
    guard identity.externalID == user else { return .unknownUser }
    guard let key = state.sessions[id] else { return .noSession }
    return .session(audioKey: key)
  }
}

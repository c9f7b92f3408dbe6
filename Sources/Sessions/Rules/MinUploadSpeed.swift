// How slowly an upload may come in.

/// The least that a client has to send, so that slow ones do not keep the workers from others
/// where the web server passes uploads on as they come.
package struct MinUploadSpeed: Sendable, Equatable {
  /// On average since the upload began; 0 asks for nothing.
  package let minBytesPerSecond: Int
  /// For the whole body; 0 lets it take as long as it likes.
  package let deadlineSeconds: Int
  /// Before this the rate does not count: a phone may have to find its network first.
  package static let grace: Duration = .seconds(30)

  /// For the whole body; nil lets it take as long as it likes.
  package var deadline: Duration? { deadlineSeconds > 0 ? .seconds(deadlineSeconds) : nil }

  package static let standard = MinUploadSpeed(minBytesPerSecond: 8192, deadlineSeconds: 600)

  /// - Parameter deadlineSeconds: 0 is no deadline.
  package init(minBytesPerSecond: Int, deadlineSeconds: Int) {
    self.minBytesPerSecond = minBytesPerSecond
    self.deadlineSeconds = deadlineSeconds
  }

  /// Whether an upload that has sent `byteCount` bytes in `elapsed` may go on.
  func allows(_ byteCount: Int, in elapsed: Duration) -> Bool {
    if let deadline, elapsed > deadline { return false }
    if elapsed <= MinUploadSpeed.grace { return true }
    return byteCount >= Int(elapsed.components.seconds) * minBytesPerSecond
  }
}

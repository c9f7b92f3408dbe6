// How many requests may be busy with storage, and whether it gets on with them.

internal import Synchronization

/// Lets a number of requests at storage, and notices when it serves none of them.
///
/// A request that needs storage can take minutes, of which the process can do nothing. If every
/// worker were in one, a store that hangs would stop the lists as well.
package final class StorageGate: Sendable {
  package enum Entry: Sendable, Equatable {
    case entered
    /// Every place is taken, and storage gets on.
    case full
    /// Every place is taken, and storage does not get on with anything.
    case stalled
  }

  fileprivate struct State {
    var inUse = 0
    var movedBytes = 0
    /// When storage last got on: it moved bytes in earnest, or a request began or ended.
    var progress: ContinuousClock.Instant?
  }

  private let places: Int
  private let movedBytes: @Sendable () -> Int
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state = Mutex(State())

  /// Without progress for so long, storage has stalled. A store that stores needs a moment after
  /// the last byte.
  static let patience: Duration = .seconds(5)
  /// Fewer bytes than this, by all requests together, are no progress: a store may drip.
  static let minProgressBytes = 128 * 1024

  /// - Parameters:
  ///   - places: how many requests may be at storage at the same time.
  ///   - movedBytes: how many bytes of objects all requests have moved so far.
  package init(
    places: Int, movedBytes: @escaping @Sendable () -> Int,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.places = places
    self.movedBytes = movedBytes
    self.now = now
  }

  /// Takes a place if there is one, which is then to be left.
  package func enter() -> Entry {
    let (moved, now) = (movedBytes(), now())
    return state.withLock { state in
      guard state.inUse >= places else {
        state.inUse += 1
        state.progress = now
        return .entered
      }
      return state.isStalled(moved, now) ? .stalled : .full
    }
  }

  package func leave() {
    let now = now()
    state.withLock { state in
      state.inUse -= 1
      state.progress = now
    }
  }

  /// Hands a place on to the next request.
  package func pass() {
    let now = now()
    state.withLock { $0.progress = now }
  }

  /// Whether every place is taken and storage gets on with nothing.
  package var isStalled: Bool {
    let (moved, now) = (movedBytes(), now())
    return state.withLock { $0.inUse >= places && $0.isStalled(moved, now) }
  }
}

extension StorageGate.State {
  fileprivate mutating func isStalled(_ moved: Int, _ now: ContinuousClock.Instant) -> Bool {
    if moved - movedBytes >= StorageGate.minProgressBytes {
      movedBytes = moved
      progress = now
    }
    guard let progress else { return false }
    return progress.duration(to: now) > StorageGate.patience
  }
}

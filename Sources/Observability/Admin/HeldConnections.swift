// The connections that an administration's threads hold.

internal import Glibc

/// Knows which peer is to make room when every thread has a connection: of those who are waited
/// for, the one that has been here longest. A response that is being made is never cut off, since
/// that waits for nobody outside.
struct HeldConnections {
  private struct Held {
    let number: CInt
    var isWaitedFor = true
  }

  private let limit: Int
  /// In the order in which they came.
  private var connections: [Held] = []
  private var isEnding = false

  /// - Parameter limit: how many there may be before one has to go.
  init(limit: Int) { self.limit = limit }

  /// Takes in the connection `number`, which stays open until `remove`.
  mutating func add(_ number: CInt) {
    if connections.count >= limit, let oldest = connections.firstIndex(where: \.isWaitedFor) {
      cut(oldest)
    }
    connections.append(Held(number: number))
    if isEnding { cut(connections.count - 1) }
  }

  /// Says whether it is the peer of `number` that is waited for now.
  mutating func setWaiting(_ number: CInt, _ isWaitedFor: Bool) {
    guard let place = connections.firstIndex(where: { $0.number == number }) else { return }
    connections[place].isWaitedFor = isWaitedFor
    if isEnding, isWaitedFor { cut(place) }
  }

  mutating func remove(_ number: CInt) { connections.removeAll { $0.number == number } }

  /// Waits for nobody any more.
  mutating func end() {
    isEnding = true
    for place in connections.indices where connections[place].isWaitedFor { cut(place) }
  }

  /// Ends the connection in both directions, which wakes its thread.
  private mutating func cut(_ place: Int) {
    connections[place].isWaitedFor = false
    _ = shutdown(connections[place].number, CInt(SHUT_RDWR))
  }
}

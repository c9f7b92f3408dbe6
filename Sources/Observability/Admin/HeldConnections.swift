// The connections that an administration's threads hold.

internal import Glibc

/// Knows which peer is to make room when every thread has a connection: of those who are waited
/// for, the one who has kept its thread waiting longest. A request that is there and a response
/// that is being made are never cut off, since that waits for nobody outside.
struct HeldConnections {
  private struct Held {
    let number: CInt
    var state = State.working
    enum State { case working, waitedFor, cut }
  }

  private let limit: Int
  /// Those who are waited for stand in the order in which that began.
  private var connections: [Held] = []
  private var isEnding = false

  /// - Parameter limit: how many there may be before one has to go.
  init(limit: Int) { self.limit = limit }

  /// Takes in the connection `number`, which stays open until `remove`.
  mutating func add(_ number: CInt) {
    connections.append(Held(number: number))
    makeRoom()
  }

  /// From here on its thread waits for the peer of `number`.
  mutating func beginWaiting(_ number: CInt) {
    guard let place = place(of: number), connections[place].state == .working else { return }
    // Whoever comes while all are being answered finds none to cut off: it is made up for here.
    makeRoom()
    var connection = connections.remove(at: place)
    connection.state = .waitedFor
    connections.append(connection)
    if isEnding { cut(connections.count - 1) }
  }

  /// The peer of `number` has done what it was waited for.
  mutating func endWaiting(_ number: CInt) {
    guard let place = place(of: number), connections[place].state == .waitedFor else { return }
    connections[place].state = .working
  }

  mutating func remove(_ number: CInt) { connections.removeAll { $0.number == number } }

  /// Waits for nobody any more.
  mutating func end() {
    isEnding = true
    for place in connections.indices where connections[place].state == .waitedFor { cut(place) }
  }

  private func place(of number: CInt) -> Int? {
    connections.firstIndex { $0.number == number }
  }

  private mutating func makeRoom() {
    guard connections.count(where: { $0.state != .cut }) > limit else { return }
    if let longest = connections.firstIndex(where: { $0.state == .waitedFor }) { cut(longest) }
  }

  /// Ends the connection in both directions, which wakes its thread.
  private mutating func cut(_ place: Int) {
    connections[place].state = .cut
    _ = shutdown(connections[place].number, CInt(SHUT_RDWR))
  }
}

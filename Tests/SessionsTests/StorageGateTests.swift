// Who gets to storage, and when it counts as stalled; without a clock.

import Synchronization
import Testing

@testable import Sessions

private final class Store: Sendable {
  private let state = Mutex((moved: 0, seconds: 0.0))
  private let start = ContinuousClock.now

  func move(_ bytes: Int) { state.withLock { $0.moved += bytes } }
  func wait(_ seconds: Double) { state.withLock { $0.seconds += seconds } }

  func gate(places: Int) -> StorageGate {
    StorageGate(
      places: places, movedBytes: { self.state.withLock { $0.moved } },
      now: {
        self.start.advanced(by: .milliseconds(Int(self.state.withLock { $0.seconds } * 1000)))
      })
  }
}

@Suite struct `The gate of storage` {
  @Test func `lets in as many as it has places`() {
    let gate = Store().gate(places: 2)
    #expect([gate.enter(), gate.enter(), gate.enter()] == [.entered, .entered, .full])
    gate.leave()
    #expect([gate.enter(), gate.enter()] == [.entered, .full])
  }

  @Test func `has stalled when nothing moves, and not before`() {
    let store = Store()
    let gate = store.gate(places: 1)
    #expect(gate.enter() == .entered)
    store.wait(5)
    #expect(gate.enter() == .full)
    #expect(!gate.isStalled)
    store.wait(0.1)
    #expect(gate.enter() == .stalled)
    #expect(gate.isStalled)
  }

  @Test func `has not stalled while there are places`() {
    let store = Store()
    let gate = store.gate(places: 2)
    _ = gate.enter()
    store.wait(100)
    #expect(!gate.isStalled)
    #expect(gate.enter() == .entered)
  }

  @Test func `takes drops for no progress, and a flow for one`() {
    let store = Store()
    let gate = store.gate(places: 1)
    _ = gate.enter()
    for _ in 0..<6 {
      store.wait(1)
      store.move(1000)
      _ = gate.isStalled
    }
    #expect(gate.isStalled)
    store.move(StorageGate.minProgressBytes)
    #expect(!gate.isStalled)
    for _ in 0..<60 {
      store.wait(4)
      store.move(StorageGate.minProgressBytes)
      #expect(gate.enter() == .full)
    }
  }

  @Test func `has got on when a place is left or passed on`() {
    let store = Store()
    let gate = store.gate(places: 1)
    _ = gate.enter()
    store.wait(6)
    gate.pass()
    #expect(gate.enter() == .full)
    store.wait(6)
    #expect(gate.enter() == .stalled)
    gate.leave()
    #expect(gate.enter() == .entered)
    #expect(gate.enter() == .full)
  }
}

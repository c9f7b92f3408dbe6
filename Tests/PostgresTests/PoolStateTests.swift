// The pool's decisions, without a connection and without a clock.

import Testing

@testable import Postgres

private final class Waiter {}

private typealias State = PoolState<Waiter>

private let start = ContinuousClock.now

private func after(_ seconds: Int) -> ContinuousClock.Instant {
  start.advanced(by: .seconds(seconds))
}

@Suite struct `The state of a pool` {
  @Test func `there are as many places as its size`() {
    var state = State(size: 3)
    let slots = (0..<3).map { _ in state.take()?.slot }
    #expect(slots == [0, 1, 2])
    #expect(state.take() == nil)
    #expect(state.inUseCount == 3)
  }

  @Test func `what was used last is used first, and what is vacant last`() {
    var state = State(size: 4)
    let places = (0..<3).compactMap { _ in state.take() }
    for place in places { #expect(state.giveBack(place.slot, isKept: true, at: start) == nil) }
    #expect(state.idleCount == 3)
    #expect((0..<4).map { _ in state.take()?.slot } == [2, 1, 0, 3])
  }

  @Test func `a place whose connection is gone is vacant`() {
    var state = State(size: 1)
    #expect(state.take()?.idleSince == nil)
    #expect(state.giveBack(0, isKept: true, at: start) == nil)
    #expect(state.take()?.idleSince == start)
    #expect(state.giveBack(0, isKept: false, at: after(1)) == nil)
    #expect(state.take()?.idleSince == nil)
  }

  @Test func `those in line are served in their order`() {
    var state = State(size: 1)
    let waiters = (0..<3).map { _ in Waiter() }
    _ = state.take()
    for waiter in waiters { #expect(state.takeOrWait(waiter) == nil) }
    #expect(state.waiterCount == 3)
    #expect(state.waitCount == 3)
    for waiter in waiters {
      #expect(state.giveBack(0, isKept: true, at: start) === waiter)
      #expect(state.endWait(of: waiter)?.slot == 0)
    }
    #expect(state.giveBack(0, isKept: true, at: start) == nil)
    #expect(state.waitCount == 3)
  }

  @Test func `a place that is promised is nobody else's`() {
    var state = State(size: 1)
    let (first, second) = (Waiter(), Waiter())
    _ = state.take()
    _ = state.takeOrWait(first)
    #expect(state.giveBack(0, isKept: true, at: start) === first)
    #expect(state.take() == nil)
    #expect(state.takeOrWait(second) == nil)
    #expect(state.takeIdle(longerThan: .zero, at: after(60)).isEmpty)
    #expect(state.endWait(of: first)?.slot == 0)
    #expect(state.giveBack(0, isKept: false, at: start) === second)
  }

  @Test func `who gives up leaves the line, and is promised nothing`() {
    var state = State(size: 1)
    let (first, second) = (Waiter(), Waiter())
    _ = state.take()
    _ = state.takeOrWait(first)
    _ = state.takeOrWait(second)
    #expect(state.endWait(of: first) == nil)
    #expect(state.giveBack(0, isKept: true, at: start) === second)
    #expect(state.waiterCount == 0)
  }

  @Test func `a promise that comes as the wait ends is kept`() {
    var state = State(size: 1)
    let waiter = Waiter()
    _ = state.take()
    _ = state.takeOrWait(waiter)
    // The wait timed out, and before its thread said so the place was given back.
    #expect(state.giveBack(0, isKept: true, at: start) === waiter)
    #expect(state.endWait(of: waiter)?.slot == 0)
    #expect(state.inUseCount == 1)
  }

  @Test func `only what was idle for longer than the limit is taken to be closed`() {
    var state = State(size: 3)
    for _ in 0..<3 { _ = state.take() }
    for slot in 0..<3 { _ = state.giveBack(slot, isKept: true, at: after(slot)) }
    #expect(state.takeIdle(longerThan: .seconds(10), at: after(10)).isEmpty)
    #expect(state.takeIdle(longerThan: .seconds(10), at: after(12)).map(\.slot) == [0, 1])
    // In use until they are closed and given back.
    #expect(state.inUseCount == 2)
    #expect(state.idleCount == 1)
    #expect(state.giveBack(0, isKept: false, at: after(12)) == nil)
    #expect(state.inUseCount == 1)
  }

  @Test func `nothing is closed while somebody waits`() {
    var state = State(size: 2)
    let waiter = Waiter()
    for _ in 0..<2 { _ = state.take() }
    _ = state.takeOrWait(waiter)
    #expect(state.giveBack(0, isKept: true, at: start) === waiter)
    #expect(state.giveBack(1, isKept: true, at: start) == nil)
    #expect(state.takeIdle(longerThan: .zero, at: after(60)).isEmpty)
    #expect(state.endWait(of: waiter)?.slot == 1)
    #expect(state.takeIdle(longerThan: .zero, at: after(60)).map(\.slot) == [0])
  }

  /// Random uses of a small pool, against what has to hold after each.
  @Test(arguments: 0..<50) func `no place is lost or given twice`(seed: Int) {
    var random = Numbers(seed: UInt64(seed))
    let size = Int.random(in: 1...4, using: &random)
    var state = State(size: size)
    var inUse: [Int] = []
    var inLine: [Waiter] = []
    var awake: [Waiter] = []
    for second in 0..<500 {
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        let waiter = Waiter()
        if let place = state.takeOrWait(waiter) {
          inUse.append(place.slot)
        } else {
          inLine.append(waiter)
        }
      case 2:
        guard let index = inUse.indices.randomElement(using: &random) else { continue }
        let slot = inUse.remove(at: index)
        if let woken = state.giveBack(slot, isKept: .random(using: &random), at: after(second)) {
          #expect(woken === inLine.removeFirst())
          awake.append(woken)
        }
      case 3:
        guard let waiter = awake.popLast() ?? inLine.popLast() else { continue }
        if let place = state.endWait(of: waiter) { inUse.append(place.slot) }
      default:
        for place in state.takeIdle(longerThan: .seconds(20), at: after(second)) {
          inUse.append(place.slot)
        }
      }
      #expect(Set(inUse).count == inUse.count)
      #expect(state.inUseCount == inUse.count)
      #expect(state.waiterCount == inLine.count)
      // Who waits does so because nothing is free that was not promised.
      #expect(inLine.isEmpty || size - inUse.count <= awake.count)
    }
  }
}

/// SplitMix64: the same numbers on every run.
private struct Numbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

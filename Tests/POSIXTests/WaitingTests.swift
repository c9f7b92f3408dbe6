// Deadlines, events, the order to stop, and threads.

import Glibc
import POSIX
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Long enough for the slowest machine; nothing waits for it unless something is broken.
private let patience: Duration = .seconds(60)

@Suite struct `Deadlines` {
  @Test func `a deadline of now has passed and leaves nothing`() {
    let deadline = Deadline.after(.zero)
    #expect(deadline.hasPassed)
    #expect(deadline.remaining == .zero)
    #expect(deadline.remainingMilliseconds == 0)
  }

  @Test func `a deadline in the past leaves nothing, not less`() {
    #expect(Deadline.after(.seconds(-5)).remaining == .zero)
    #expect(Deadline.after(.seconds(-5)).remainingMilliseconds == 0)
  }

  @Test func `a deadline to come leaves at most what was given`() {
    let deadline = Deadline.after(patience)
    #expect(!deadline.hasPassed)
    #expect(deadline.remaining > .zero && deadline.remaining <= patience)
    #expect((1...60_000).contains(deadline.remainingMilliseconds))
  }

  @Test func `the far future fits what poll takes`() {
    #expect(Deadline.after(.seconds(4_000_000_000)).remainingMilliseconds >= 1_000_000_000)
  }

  @Test func `the earlier deadline is the smaller`() {
    let now = ContinuousClock.now
    let early = Deadline(now)
    let late = Deadline(now.advanced(by: .nanoseconds(1)))
    #expect(early < late)
    #expect(min(late, early) == early)
  }

  @Test func `waiting ends at the deadline or when the descriptor is ready`() throws {
    let pair = try SocketPair()
    #expect(try !wait(for: .readable, on: pair.near.number, until: .after(.zero)))
    #expect(try wait(for: .writable, on: pair.near.number, until: .after(.zero)))
    #expect(try wait(for: .readableOrWritable, on: pair.near.number, until: .after(.zero)))
    try pair.far.writeAll([1].span)
    #expect(try wait(for: .readable, on: pair.near.number, until: .after(patience)))
  }

  @Test func `a peer that hangs up ends the wait`() throws {
    let pair = try SocketPair()
    try pair.far.closeWriting()
    #expect(try wait(for: .readable, on: pair.near.number, until: .after(patience)))
  }
}

@Suite struct `Events and the order to stop` {
  @Test func `an event stays raised`() throws {
    let event = try Event()
    #expect(try !event.wait(until: .after(.zero)))
    event.signal()
    event.signal()
    #expect(try event.wait(until: .after(patience)))
    #expect(try event.wait(until: .after(patience)))
  }

  @Test func `an order to stop stays given, however often`() throws {
    let stop = try Event()
    #expect(try !stop.wait(until: .after(.zero)))
    stop.signal()
    stop.signal()
    #expect(try stop.wait(until: .after(.zero)))
    #expect(try stop.wait(until: .after(.zero)))
  }

  @Test func `an order wakes a thread that waits for it`() throws {
    let stop = try Event()
    let woken = Counter()
    try withThread {
      if (try? stop.wait(until: .after(patience))) == true { woken.increase() }
    } whileRunning: {
      stop.signal()
    }
    #expect(woken.value == 1)
  }
}

@Suite struct `Threads` {
  @Test func `a joined thread has ended`() throws {
    let counter = Counter()
    try Thread.start(name: "counter") { counter.increase() }.join()
    #expect(counter.value == 1)
  }

  @Test func `a group is joined as a whole`() throws {
    let counter = Counter()
    var group = try ThreadGroup()
    for _ in 0..<20 { try group.start(name: "counter") { counter.increase() } }
    group.join()
    #expect(counter.value == 20)
  }

  @Test func `a group that ends in time is joined, an empty one too`() throws {
    let counter = Counter()
    var group = try ThreadGroup()
    for _ in 0..<20 { try group.start(name: "counter") { counter.increase() } }
    let haveEnded = group.join(until: .after(patience))
    #expect(haveEnded)
    #expect(counter.value == 20)
    let none = try ThreadGroup().join(until: .after(patience))
    #expect(none)
  }

  @Test func `a group that does not end in time runs on`() throws {
    let pair = try SocketPair()
    let end = try Event()
    var group = try ThreadGroup()
    try group.start(name: "quick") {}
    try group.start(name: "slow") {
      _ = end.wait(atMost: patience)
      // The reader sees what is missing.
      try? pair.near.writeAll([7].span)
      try? pair.near.closeWriting()
    }
    let haveEnded = group.join(until: .after(.milliseconds(20)))
    #expect(!haveEnded)
    end.signal()
    #expect(try pair.far.readToEnd() == [7])
  }

  @Test(arguments: [("worker-3", "worker-3"), ("a-name-of-twenty-cha", "a-name-of-twent")])
  func `a thread carries its name, cut to what the kernel keeps`(
    name: String, shown: String
  ) throws {
    let found = Mutex("")
    try withThread(name: name) {
      var buffer = [UInt8](repeating: 0, count: 64)
      let number = unsafe open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
      guard number >= 0 else { return }
      let file = OwnedDescriptor(owning: number)
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe try? file.read(into: $0) }
      found.withLock { $0 = String(decoding: buffer.prefix(count ?? 0), as: UTF8.self) }
    }
    #expect(found.withLock { $0 } == shown + "\n")
  }

  @Test func `a thread whose owner goes away runs on`() throws {
    let pair = try SocketPair()
    do {
      _ = try Thread.start(name: "free") {
        // The reader sees what is missing.
        try? pair.near.writeAll([7].span)
        try? pair.near.closeWriting()
      }
    }
    let received = try pair.far.readToEnd()
    #expect(received == [7])
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func increase() { count.withLock { $0 += 1 } }
}

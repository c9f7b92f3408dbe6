// Waiting for another thread.

import POSIX
import Testing

@Suite struct EventTests {
  @Test func waitEndsByItsDeadline() throws {
    let event = try Event()
    #expect(try event.wait(until: .after(.milliseconds(1))) == false)
  }

  @Test func signalStaysRaised() throws {
    let event = try Event()
    event.signal()
    event.signal()
    for _ in 0..<2 { #expect(try event.wait(until: .after(.zero))) }
  }

  @Test func signalOfAnotherThreadWakes() throws {
    let shared = try SharedEvent()
    let thread = try Thread.start(name: "signaller") { shared.event.signal() }
    let isSignalled = try shared.event.wait(until: .after(.seconds(60)))
    thread.join()
    #expect(isSignalled)
  }

  private final class SharedEvent: Sendable {
    let event: Event

    init() throws { event = try Event() }
  }
}

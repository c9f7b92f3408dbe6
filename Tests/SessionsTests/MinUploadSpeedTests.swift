// How slowly an upload may come in.

import Testing

@testable import Sessions

@Suite struct MinUploadSpeedTests {
  private static let pace = MinUploadSpeed(minBytesPerSecond: 8192, deadlineSeconds: 600)

  @Test(
    arguments: [
      (0, Duration.seconds(0), true), (0, .seconds(30), true),
      (0, .seconds(31), false), (8192 * 31 - 1, .seconds(31), false),
      (8192 * 31, .seconds(31), true), (8192 * 31, .milliseconds(31_999), true),
      (8192 * 31, .seconds(32), false), (52_428_800, .seconds(600), true),
      (52_428_800, .milliseconds(600_001), false),
    ])
  func slowClientsAreRefused(byteCount: Int, elapsed: Duration, isAllowed: Bool) {
    #expect(MinUploadSpeedTests.pace.allows(byteCount, in: elapsed) == isAllowed)
  }

  @Test func zeroAsksForNothing() {
    let pace = MinUploadSpeed(minBytesPerSecond: 0, deadlineSeconds: 0)
    #expect(pace.allows(0, in: .seconds(1_000_000)))
  }
}

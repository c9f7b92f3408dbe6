// What a payload hash is made of.

import R2Sign
import Testing

@Suite struct `A payload hash` {
  @Test func `is made of any digest of 32 bytes`() {
    let digest = [UInt8](repeating: 0xab, count: 32)
    let hash = PayloadHash(sha256: digest.span)
    #expect(hash == PayloadHash(sha256: InlineArray(repeating: 0xab)))
    #expect(hash?.text == String(repeating: "ab", count: 32))
  }

  @Test(arguments: [0, 20, 31, 33, 64])
  func `is not made of anything else`(count: Int) {
    let digest = [UInt8](repeating: 0xab, count: count)
    let hash = PayloadHash(sha256: digest.span)
    #expect(hash == nil)
  }
}

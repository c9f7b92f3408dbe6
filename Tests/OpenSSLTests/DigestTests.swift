// SHA-256 and HMAC against published vectors.

import HTTPSyntax
import OpenSSL
import Synchronization
import Testing

@Suite struct `SHA-256 and HMAC` {
  // FIPS 180-4 examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `digests are those of FIPS 180-4`(text: String, hex: String) {
    #expect(SHA256.hash(Array(text.utf8).span).hex == hex)
  }

  @Test func `pieces of any size give the digest of the whole`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let whole = SHA256.hash(bytes.span)
    for size in [1, 7, 63, 64, 65, 999] {
      var computation = SHA256()
      var start = 0
      while start < bytes.count {
        let end = min(start + size, bytes.count)
        computation.update(bytes.span.extracting(start..<end))
        start = end
      }
      #expect(computation.finalize() == whole)
    }
  }

  @Test func `digests that differ in one byte are not equal`() {
    let digest = SHA256.hash([1].span)
    var bytes = digest.bytes
    bytes[31] ^= 1
    #expect(SHA256Digest(bytes: bytes) != digest)
  }

  // RFC 4231, test cases 1, 2 and 6 (a key longer than a block), and an empty key.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
  ])
  func `HMACs are those of RFC 4231`(key: [UInt8], message: String, hex: String) {
    #expect(hmacSHA256(key: key.span, message: Array(message.utf8).span).hex == hex)
  }

  @Test func `HMACs of one thread do not disturb another's`() async {
    let right = await withTaskGroup(of: Bool.self) { group in
      for number in UInt8(0)..<32 {
        group.addTask {
          let key = [number]
          let expected = hmacSHA256(key: key.span, message: [1, 2, 3].span)
          return (0..<50).allSatisfy { _ in
            hmacSHA256(key: key.span, message: [1, 2, 3].span) == expected
          }
        }
      }
      return await group.allSatisfy { $0 }
    }
    #expect(right)
  }

  @Test func `random bytes differ from call to call`() throws {
    let first: InlineArray<16, UInt8> = try RandomBytes.make()
    let second: InlineArray<16, UInt8> = try RandomBytes.make()
    #expect(hexadecimal(first.span) != hexadecimal(second.span))
  }

  @Test func `a secret shows nothing of itself when printed`() {
    let secret = SecretBytes(copying: Array("hidden".utf8).span)
    var dumped = ""
    dump(secret, to: &dumped)
    #expect("\(secret)" == "<redacted>")
    #expect(!dumped.contains("104") && !dumped.contains("hidden"))
    #expect(secret.withBytes { $0.count } == 6)
  }
}

// SHA-256, HMAC and HKDF against published vectors.

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

  // RFC 4231, test cases 2 and 6, with SHA-512.
  @Test(arguments: [
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      """
      164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737
      """
    ),
    (
      [UInt8](repeating: 0xaa, count: 131),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      """
      80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352\
      6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598
      """
    ),
  ])
  func `HMACs with SHA-512 are those of RFC 4231`(key: [UInt8], message: String, hex: String) {
    var output = [UInt8](repeating: 0, count: 64)
    var span = output.mutableSpan
    hmacSHA512(key: key.span, message: Array(message.utf8).span, into: &span)
    #expect(hexadecimal(output.span) == hex)
  }

  // RFC 5869, appendices A.1 to A.3: ordinary, longer than a block, and without salt and info.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 22), Array(0x00...0x0c), Array(0xf0...0xf9),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    ),
    (
      Array(0x00...0x4f), Array(0x60...0xaf), Array(0xb0...0xff),
      """
      b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59\
      0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87
      """
    ),
    (
      [UInt8](repeating: 0x0b, count: 22), [], [],
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    ),
  ])
  func `HKDF is that of RFC 5869`(secret: [UInt8], salt: [UInt8], info: [UInt8], hex: String) {
    var output = [UInt8](repeating: 0, count: hex.utf8.count / 2)
    var span = output.mutableSpan
    hkdfSHA256(secret: secret.span, salt: salt.span, info: info.span, into: &span)
    #expect(hexadecimal(output.span) == hex)
  }

  @Test func `bytes are equal in constant time only as a whole`() {
    func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
      equalInConstantTime(left.span, right.span)
    }
    #expect(areEqual([1, 2, 3], [1, 2, 3]) && areEqual([], []))
    for other in [[1, 2, 4], [0, 2, 3], [1, 2], [1, 2, 3, 0], []] as [[UInt8]] {
      #expect(!areEqual([1, 2, 3], other))
    }
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

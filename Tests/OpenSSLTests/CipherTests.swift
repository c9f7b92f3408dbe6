// AES against published vectors.

import HTTPSyntax
import OpenSSL
import Testing

/// The bytes that hexadecimal digits stand for.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.utf8.compactMap(hexadecimalValue)
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

@Suite struct `AES` {
  // RFC 7518, appendix B.3.
  private let key = Array<UInt8>(0x20..<0x40)
  private let iv = bytes("1af38c2dc2b96ffdd86694092341bc04")
  private let ciphertext = bytes(
    """
    4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2
    e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3
    a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6
    """)
  private let plaintext = """
    A cipher system must not be required to be secret, and it must be able to fall into the hands \
    of the enemy without inconvenience
    """

  @Test func `CBC is that of RFC 7518`() {
    let decrypted = decryptAES256CBC(ciphertext.span, key: key.span, iv: iv.span)
    #expect(decrypted == Array(plaintext.utf8))
  }

  @Test func `CBC of half a block, of nothing, or with wrong padding is none`() {
    for count in [0, 1, 15, 17, ciphertext.count - 1, ciphertext.count - 16] {
      let cut = ciphertext.span.extracting(..<count)
      #expect(decryptAES256CBC(cut, key: key.span, iv: iv.span) == nil)
    }
  }

  struct GCM: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let key, iv, additionalData, ciphertext, tag, plaintext: [UInt8]

    func decrypt(
      _ ciphertext: [UInt8]? = nil, additionalData: [UInt8]? = nil, tag: [UInt8]? = nil
    ) -> [UInt8]? {
      let ciphertext = ciphertext ?? self.ciphertext
      let additionalData = additionalData ?? self.additionalData
      let tag = tag ?? self.tag
      return decryptAES256GCM(
        ciphertext.span, key: key.span, iv: iv.span, additionalData: additionalData.span,
        tag: tag.span)
    }

    static let all = [
      GCM(
        testDescription: "test case 16 of the proposal to NIST",
        key: bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
        iv: bytes("cafebabefacedbaddecaf888"),
        additionalData: bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        ciphertext: bytes(
          """
          522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10
          56828838c5f61e6393ba7a0abcc9f662
          """),
        tag: bytes("76fc6ece0f4e1768cddf8853bb2d551b"),
        plaintext: bytes(
          """
          d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24
          49a6b525b16aedf5aa0de657ba637b39
          """)),
      GCM(
        testDescription: "RFC 7516, appendix A.1",
        key: bytes("b1a1f480548fe1733fb403ff6b9ad4f68a076e5b702e22692f82cb2e7aea40fc"),
        iv: bytes("e3c575fc02dbe944b4e14ddb"),
        additionalData: Array("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ".utf8),
        ciphertext: bytes(
          """
          e5eca6f135bf73c4ae2b496d277ae9608cce783433ed300bbedbba506f68328e2fa73b3db57fc4152852f220
          7b8fa8e249d8b0908af76a3c10cda06d403fc0
          """),
        tag: bytes("5c5068318519a1d7ad65dbd3885bd291"),
        plaintext: Array(
          "The true sign of intelligence is not knowledge but imagination.".utf8)),
    ]
  }

  @Test(arguments: GCM.all)
  func `GCM is that of the vectors`(vector: GCM) {
    #expect(vector.decrypt() == vector.plaintext)
  }

  @Test(arguments: GCM.all)
  func `GCM in which any bit is another is none`(vector: GCM) {
    func flipped(_ bytes: [UInt8]) -> [[UInt8]] {
      bytes.indices.map { index in
        var bytes = bytes
        bytes[index] ^= 1 << (index % 8)
        return bytes
      }
    }
    #expect(flipped(vector.ciphertext).allSatisfy { vector.decrypt($0) == nil })
    #expect(flipped(vector.additionalData).allSatisfy { vector.decrypt(additionalData: $0) == nil })
    #expect(flipped(vector.tag).allSatisfy { vector.decrypt(tag: $0) == nil })
    #expect(vector.decrypt([]) == nil)
    #expect(vector.decrypt(additionalData: []) == nil)
  }
}

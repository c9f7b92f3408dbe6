// Signatures against the examples of the RFCs.

import FoundationEssentials
import HTTPSyntax
import OpenSSL
import Testing

/// What base64url without padding stands for (RFC 7515, appendix C).
private func base64URL(_ text: String) -> [UInt8] {
  let standard = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
  let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
  return Data(base64Encoded: String(standard) + padding).map { Array($0) } ?? []
}

/// An example's key, and the three parts of its JWS.
struct SignedExample: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let key: VerificationKey?
  let message: [UInt8]
  let signature: [UInt8]

  init(_ name: String, key: VerificationKey?, header: String, payload: String, signature: String) {
    testDescription = name
    self.key = key
    message = Array("\(header).\(payload)".utf8)
    self.signature = base64URL(signature)
  }

  static let modulus = base64URL(
    """
    ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4\
    d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re\
    xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX\
    FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ
    """)
  static let x = base64URL("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
  static let y = base64URL("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
  private static let payload = """
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ
    """

  static let rs256 = SignedExample(
    "RFC 7515, appendix A.2 (RS256)",
    key: .rsa(modulus: modulus.span, exponent: [1, 0, 1].span), header: "eyJhbGciOiJSUzI1NiJ9",
    payload: payload,
    signature: """
      cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5\
      jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb\
      1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO\
      YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
      """)
  static let es256 = SignedExample(
    "RFC 7515, appendix A.3 (ES256)", key: .p256(x: x.span, y: y.span),
    header: "eyJhbGciOiJFUzI1NiJ9", payload: payload,
    signature: """
      DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
      """)
  static let edDSA = SignedExample(
    "RFC 8037, appendix A.4 (EdDSA)",
    key: .ed25519(base64URL("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").span),
    header: "eyJhbGciOiJFZERTQSJ9", payload: "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
    signature: """
      hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg
      """)
  static let all = [rs256, es256, edDSA]

  /// Whether the key takes this for a signature of the message.
  func verifies(_ signature: [UInt8], of message: [UInt8]? = nil) throws -> Bool {
    let message = message ?? self.message
    return try #require(key).verifies(signature.span, of: message.span)
  }
}

@Suite struct `Signatures` {
  @Test(arguments: SignedExample.all)
  func `an example's signature is one, and nothing else is`(example: SignedExample) throws {
    let signature = example.signature
    #expect(try example.verifies(signature))
    #expect(try !example.verifies(signature, of: Array(example.message.dropLast())))
    for index in signature.indices {
      var other = signature
      other[index] ^= 1 << (index % 8)
      #expect(try !example.verifies(other), "byte \(index)")
    }
    for other in [[], Array(signature.dropLast()), signature + [0], [0] + signature] {
      #expect(try !example.verifies(other), "\(other.count) bytes")
    }
    for other in SignedExample.all where other.testDescription != example.testDescription {
      #expect(try !example.verifies(other.signature, of: other.message))
    }
  }

  @Test func `an ECDSA signature of zeros, or in DER, is none`() throws {
    let example = SignedExample.es256
    #expect(try !example.verifies([UInt8](repeating: 0, count: 64)))
    let (r, s) = (example.signature.prefix(32), example.signature.suffix(32))
    #expect(try !example.verifies([0x30, 69, 2, 32] + r + [2, 33, 0] + s))
  }

  @Test func `RSA keys that anybody could sign for are none`() {
    let modulus = SignedExample.modulus
    for exponent in [[], [0], [1], [2], [1, 0, 0], [UInt8](repeating: 1, count: 9)] {
      #expect(VerificationKey.rsa(modulus: modulus.span, exponent: exponent.span) == nil)
    }
    for count in [0, 128, 255] {
      let short = Array(modulus.prefix(count))
      #expect(VerificationKey.rsa(modulus: short.span, exponent: [1, 0, 1].span) == nil)
    }
    let long = [UInt8](repeating: 0xFF, count: 1025)
    #expect(VerificationKey.rsa(modulus: long.span, exponent: [1, 0, 1].span) == nil)
  }

  @Test func `points that are not on the curve are no keys`() {
    let (x, y) = (SignedExample.x, SignedExample.y)
    let short = Array(x.dropLast())
    let zeros = [UInt8](repeating: 0, count: 32)
    for (x, y) in [(y, x), (short, y), (x, short), (zeros, zeros)] {
      #expect(VerificationKey.p256(x: x.span, y: y.span) == nil)
    }
    #expect(VerificationKey.ed25519(short.span) == nil)
  }
}

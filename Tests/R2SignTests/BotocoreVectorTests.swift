// What botocore signs for requests that are easy to sign wrongly: Vectors/generate.py.

import FoundationEssentials
import R2Sign
import Testing

struct BotocoreVector: Decodable, Sendable, CustomTestStringConvertible {
  let name, kind, method, path, host, payloadHash, time, region: String
  let query, headers: [[String]]
  let secondsSinceEpoch, expirySeconds: Int
  let accessKeyID, secretAccessKey, canonicalRequest, stringToSign, signature: String
  let authorization, sessionToken: String

  var testDescription: String { name }

  static func all() throws -> [BotocoreVector] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Vectors/botocore.json")
    return try JSONDecoder().decode([BotocoreVector].self, from: Data(contentsOf: file))
  }

  var timestamp: Timestamp { Timestamp(secondsSinceEpoch: secondsSinceEpoch) }

  func signer() throws -> Signer {
    let credentials = Credentials(
      accessKeyID: try #require(AccessKeyID(accessKeyID)),
      secretAccessKey: try #require(SecretAccessKey(secretAccessKey)),
      sessionToken: SessionToken(sessionToken))
    return Signer(credentials: credentials, region: try #require(Region(region)))
  }

  /// The request before it is signed.
  func request() throws -> SigningRequest {
    SigningRequest(
      method: method, path: path,
      query: query.map { QueryItem(name: $0[0], value: $0[1]) },
      headers: [HeaderField(name: "Host", value: host)]
        + headers.map { HeaderField(name: $0[0], value: $0[1]) },
      payloadHash: try payload())
  }

  private func payload() throws -> PayloadHash {
    switch payloadHash {
    case PayloadHash.unsigned.text: return .unsigned
    case PayloadHash.empty.text: return .empty
    default:
      try #require(payloadHash == String(repeating: "ab", count: 32))
      return PayloadHash(sha256: InlineArray(repeating: 0xab))
    }
  }
}

@Suite struct `Vectors made with botocore` {
  @Test(arguments: try BotocoreVector.all())
  func `all three stages agree`(vector: BotocoreVector) throws {
    var request = try vector.request()
    if vector.kind == "headers" {
      request.headers += [
        HeaderField(name: "x-amz-content-sha256", value: vector.payloadHash),
        HeaderField(name: "x-amz-date", value: vector.time),
      ]
      if !vector.sessionToken.isEmpty {
        request.headers.append(
          HeaderField(name: "x-amz-security-token", value: vector.sessionToken))
      }
    } else {
      let scope = CredentialScope(vector.timestamp, region: try #require(Region(vector.region)))
      request.query += [
        QueryItem(name: "X-Amz-Algorithm", value: "AWS4-HMAC-SHA256"),
        QueryItem(name: "X-Amz-Credential", value: "\(vector.accessKeyID)/\(scope.text)"),
        QueryItem(name: "X-Amz-Date", value: vector.time),
        QueryItem(name: "X-Amz-Expires", value: String(vector.expirySeconds)),
        QueryItem(name: "X-Amz-SignedHeaders", value: "host"),
      ]
      if !vector.sessionToken.isEmpty {
        request.query.append(
          QueryItem(name: "X-Amz-Security-Token", value: vector.sessionToken))
      }
    }
    let region = try #require(Region(vector.region))
    let canonical = request.canonicalRequest
    #expect(Array(canonical.utf8) == Array(vector.canonicalRequest.utf8))
    let string = request.stringToSign(at: vector.timestamp, region: region)
    #expect(string == vector.stringToSign)
    let key = SigningKey(
      try #require(SecretAccessKey(vector.secretAccessKey)),
      scope: CredentialScope(vector.timestamp, region: region))
    #expect(key.signature(of: string) == vector.signature)
  }

  @Test(arguments: try BotocoreVector.all().filter { $0.kind == "headers" })
  func `signed headers carry botocore's authorization`(vector: BotocoreVector) throws {
    let fields = try vector.signer().headers(signing: vector.request(), at: vector.timestamp)
    #expect(fields.last == HeaderField(name: "authorization", value: vector.authorization))
  }

  @Test(arguments: try BotocoreVector.all().filter { $0.kind == "query" })
  func `presigned targets carry botocore's signature`(vector: BotocoreVector) throws {
    let target = try vector.signer().presignedTarget(
      for: vector.request(), at: vector.timestamp, expiry: .seconds(vector.expirySeconds))
    #expect(target.hasSuffix("&X-Amz-Signature=\(vector.signature)"))
    #expect(target.hasPrefix("\(try vector.request().encodedPath)?"))
  }
}

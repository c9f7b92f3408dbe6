// Temporary credentials: their token goes with every request, signed, and nowhere else.

import POSIX
import R2
import R2Sign
import TestSupport
import Testing

private let token = "eyJhbGciOiJIUzI1NiJ9.secret+token/=="

private func useToken(_ configuration: inout R2Configuration) {
  let credentials = configuration.credentials
  configuration.credentials = Credentials(
    accessKeyID: credentials.accessKeyID, secretAccessKey: credentials.secretAccessKey,
    sessionToken: SessionToken(token))
}

@Suite struct `A session token` {
  @Test func `goes with every request, signed`() throws {
    let peer = try TLSPeer(
      script: script([request, answer(200), request, answer(200, "a"), request, answer(204)]))
    let client = try makeClient(to: peer, configure: useToken)
    _ = try client.put(try Upload(byteCount: 1000))
    #expect(try client.getAll(key()).body == Array("a".utf8))
    _ = try client.delete(key(), deadline: .generous)
    for _ in 0..<3 {
      let lines = try peer.nextRequest().lines
      #expect(lines.count { $0 == "x-amz-security-token: \(token)" } == 1)
      let authorization = lines.last { $0.hasPrefix("authorization: ") } ?? ""
      #expect(authorization.contains(";x-amz-security-token, Signature="))
    }
  }

  @Test func `is a parameter of presigned URLs`() throws {
    let client = try makeClient(
      "https://store.example", authorities: nil, configure: useToken)
    let url = try client.presignedURL(.get, key(), expiry: .seconds(60))
    #expect(
      url.contains(
        "&X-Amz-Security-Token=eyJhbGciOiJIUzI1NiJ9.secret%2Btoken%2F%3D%3D"
          + "&X-Amz-SignedHeaders=host&X-Amz-Signature="))
  }

  @Test func `is in no message and no dump`() throws {
    let peer = try TLSPeer(script: script([request, error(400, "ExpiredToken")]))
    var configuration: R2Configuration?
    let client = try makeClient(to: peer) { made in
      useToken(&made)
      configuration = made
    }
    let refused = refusal { _ = try client.getAll(key()) }
    #expect(refused?.description.contains("the session token has expired") == true)
    var text = "\(String(describing: refused)) \(try #require(configuration))"
    dump(refused, to: &text)
    dump(configuration, to: &text)
    #expect(text.contains("<redacted>") && !text.contains("secret+token"))
  }
}

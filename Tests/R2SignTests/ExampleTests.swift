// The example of R2Sign.docc, compiled: whoever changes one changes the other.

import R2Sign
import Testing

@Suite struct `The documented example` {
  @Test func `signs with a digest from elsewhere`() throws {
    let accessKeyID = try #require(AccessKeyID("AKIAIOSFODNN7EXAMPLE"))
    let secret = try #require(SecretAccessKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    let digest = [UInt8](repeating: 0, count: 32)
    let now = 1_369_353_600

    let signer = Signer(
      credentials: Credentials(accessKeyID: accessKeyID, secretAccessKey: secret), region: .auto)
    guard let payloadHash = PayloadHash(sha256: digest.span) else {
      Issue.record("a digest has 32 bytes")
      return
    }
    let fields = try signer.headers(
      signing: SigningRequest(
        method: "PUT", path: "/recordings/take.webm",
        headers: [
          HeaderField(name: "host", value: "account.r2.cloudflarestorage.com"),
          HeaderField(name: "content-type", value: "audio/webm"),
        ],
        payloadHash: payloadHash),
      at: Timestamp(secondsSinceEpoch: now))
    #expect(
      fields.map(\.name) == [
        "content-type", "host", "x-amz-content-sha256", "x-amz-date", "authorization",
      ])
  }
}

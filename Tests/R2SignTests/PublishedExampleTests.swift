// The examples that Amazon publishes for S3, all three stages.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html

import R2Sign
import Testing

private struct Example: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let request: SigningRequest
  let canonicalRequest: String
  let canonicalRequestHash: String
  let signature: String
}

private let moment = Timestamp(secondsSinceEpoch: 1_369_353_600)
private let host = HeaderField(name: "Host", value: "examplebucket.s3.amazonaws.com")

private func credentials() throws -> Credentials {
  Credentials(
    accessKeyID: try #require(AccessKeyID("AKIAIOSFODNN7EXAMPLE")),
    secretAccessKey: try #require(SecretAccessKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")))
}

private let emptyHash = PayloadHash.empty.text

/// A request of the examples; they all sign the same two fields.
private func request(
  _ method: String = "GET", _ path: String = "/", query: [QueryItem] = [],
  headers: [HeaderField] = [], payloadHash: PayloadHash = .empty
) -> SigningRequest {
  SigningRequest(
    method: method, path: path, query: query,
    headers: [
      host, HeaderField(name: "x-amz-content-sha256", value: payloadHash.text),
      HeaderField(name: "x-amz-date", value: "20130524T000000Z"),
    ] + headers, payloadHash: payloadHash)
}

/// The SHA-256 of "Welcome to Amazon S3.".
private let welcome = PayloadHash(sha256: [
  0x44, 0xce, 0x7d, 0xd6, 0x7c, 0x95, 0x9e, 0x0d, 0x35, 0x24, 0xff, 0xac, 0x17, 0x71, 0xdf, 0xbb,
  0xa8, 0x7d, 0x2b, 0x6b, 0x4b, 0x4e, 0x99, 0xe4, 0x20, 0x34, 0xa8, 0xb8, 0x03, 0xf8, 0xb0, 0x72,
])

private let examples = [
  Example(
    testDescription: "GET with Range",
    request: request(
      "GET", "/test.txt", headers: [HeaderField(name: "Range", value: "bytes=0-9")]),
    canonicalRequest: """
      GET
      /test.txt

      host:examplebucket.s3.amazonaws.com
      range:bytes=0-9
      x-amz-content-sha256:\(emptyHash)
      x-amz-date:20130524T000000Z

      host;range;x-amz-content-sha256;x-amz-date
      \(emptyHash)
      """,
    canonicalRequestHash: "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
  Example(
    testDescription: "PUT",
    request: request(
      "PUT", "/test$file.text",
      headers: [
        HeaderField(name: "Date", value: "Fri, 24 May 2013 00:00:00 GMT"),
        HeaderField(name: "x-amz-storage-class", value: "REDUCED_REDUNDANCY"),
      ], payloadHash: welcome),
    canonicalRequest: """
      PUT
      /test%24file.text

      date:Fri, 24 May 2013 00:00:00 GMT
      host:examplebucket.s3.amazonaws.com
      x-amz-content-sha256:44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072
      x-amz-date:20130524T000000Z
      x-amz-storage-class:REDUCED_REDUNDANCY

      date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class
      44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072
      """,
    canonicalRequestHash: "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
  Example(
    testDescription: "GET bucket lifecycle",
    request: request(query: [QueryItem(name: "lifecycle")]),
    canonicalRequest: """
      GET
      /
      lifecycle=
      host:examplebucket.s3.amazonaws.com
      x-amz-content-sha256:\(emptyHash)
      x-amz-date:20130524T000000Z

      host;x-amz-content-sha256;x-amz-date
      \(emptyHash)
      """,
    canonicalRequestHash: "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
  Example(
    testDescription: "list objects",
    request: request(
      query: [QueryItem(name: "prefix", value: "J"), QueryItem(name: "max-keys", value: "2")]),
    canonicalRequest: """
      GET
      /
      max-keys=2&prefix=J
      host:examplebucket.s3.amazonaws.com
      x-amz-content-sha256:\(emptyHash)
      x-amz-date:20130524T000000Z

      host;x-amz-content-sha256;x-amz-date
      \(emptyHash)
      """,
    canonicalRequestHash: "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
  Example(
    testDescription: "presigned GET",
    request: SigningRequest(
      method: "GET", path: "/test.txt",
      query: [
        QueryItem(name: "X-Amz-Algorithm", value: "AWS4-HMAC-SHA256"),
        QueryItem(
          name: "X-Amz-Credential",
          value: "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"),
        QueryItem(name: "X-Amz-Date", value: "20130524T000000Z"),
        QueryItem(name: "X-Amz-Expires", value: "86400"),
        QueryItem(name: "X-Amz-SignedHeaders", value: "host"),
      ], headers: [host], payloadHash: .unsigned),
    canonicalRequest: """
      GET
      /test.txt
      X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524\
      %2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400\
      &X-Amz-SignedHeaders=host
      host:examplebucket.s3.amazonaws.com

      host
      UNSIGNED-PAYLOAD
      """,
    canonicalRequestHash: "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04",
    signature: "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
]

@Suite struct `The published S3 examples` {
  @Test(arguments: examples)
  private func `all three stages are as published`(example: Example) throws {
    let region = try #require(Region("us-east-1"))
    let canonical = example.request.canonicalRequest
    #expect(canonical == example.canonicalRequest)
    let string = example.request.stringToSign(at: moment, region: region)
    #expect(
      string == """
        AWS4-HMAC-SHA256
        20130524T000000Z
        20130524/us-east-1/s3/aws4_request
        \(example.canonicalRequestHash)
        """)
    let scope = CredentialScope(moment, region: region)
    let key = SigningKey(try credentials().secretAccessKey, scope: scope)
    #expect(key.signature(of: string) == example.signature)
  }

  @Test func `the presigned target is as published`() throws {
    let signer = Signer(credentials: try credentials(), region: try #require(Region("us-east-1")))
    let target = try signer.presignedTarget(
      for: SigningRequest(
        method: "GET", path: "/test.txt", headers: [host], payloadHash: .unsigned),
      at: moment, expiry: .seconds(86_400))
    #expect(
      target == """
        /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F\
        20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400\
        &X-Amz-SignedHeaders=host&X-Amz-Signature=\
        aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404
        """)
  }

  @Test func `the authorization header is as published`() throws {
    let signer = Signer(credentials: try credentials(), region: try #require(Region("us-east-1")))
    let fields = try signer.headers(
      signing: SigningRequest(
        method: "GET", path: "/test.txt",
        headers: [host, HeaderField(name: "Range", value: "bytes=0-9")], payloadHash: .empty),
      at: moment)
    #expect(
      fields.last?.value == """
        AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
        SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, \
        Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41
        """)
  }
}

// What of an HTTP request takes part in its signature.

internal import HTTPSyntax
internal import OpenSSL

/// A parameter of a query, not encoded.
public struct QueryItem: Sendable {
  /// The name, of which there may be several.
  public let name: String
  /// The value, which may be empty.
  public let value: String

  /// A parameter, without a value unless there is one.
  public init(name: String, value: String = "") {
    self.name = name
    self.value = value
  }
}

/// A header field (RFC 9110 section 5).
public struct HeaderField: Sendable, Equatable {
  /// The name, in whatever case.
  public let name: String
  /// The value.
  public let value: String

  /// A field as it is to be sent.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// What the signature says of the body: the value of `x-amz-content-sha256`.
public struct PayloadHash: Sendable, Equatable {
  /// 64 hexadecimal digits, or `UNSIGNED-PAYLOAD`.
  public let text: String

  /// The SHA-256 of the body, which makes a store refuse any other body.
  public init(sha256: InlineArray<32, UInt8>) { text = hexadecimal(sha256.span) }

  /// The same, from wherever the digest comes; nil unless it has 32 bytes.
  public init?(sha256: Span<UInt8>) {
    if sha256.count != 32 { return nil }
    text = hexadecimal(sha256)
  }

  /// The SHA-256 of no bytes at all.
  public static let empty = PayloadHash(
    text: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

  /// The body takes no part in the signature, as in presigned URLs.
  public static let unsigned = PayloadHash(text: "UNSIGNED-PAYLOAD")

  private init(text: String) { self.text = text }
}

/// The parts of an HTTP request that are signed.
public struct SigningRequest: Sendable {
  /// The method in upper case.
  public var method: String
  /// The path, not encoded, from its first `/`.
  public var path: String
  /// The parameters of the query, not encoded, in any order.
  public var query: [QueryItem]
  /// All fields to send, `host` among them once (with its port unless that is the default), and
  /// none of those that `Signer` adds.
  public var headers: [HeaderField]
  /// What the signature says of the body.
  public var payloadHash: PayloadHash

  /// A request without a query unless there is one.
  public init(
    method: String, path: String, query: [QueryItem] = [], headers: [HeaderField],
    payloadHash: PayloadHash
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.payloadHash = payloadHash
  }
}

// Signs requests: by headers, and as presigned URLs.

internal import Synchronization

/// Signs requests to an S3 store with one key pair, and keeps the day's signing key.
///
/// It does no I/O and looks at no clock. Any number of threads may use one signer.
public final class Signer: Sendable {
  private let credentials: Credentials
  private let region: Region
  private let dayKey = Mutex<SigningKey?>(nil)

  /// A signer for one store; R2's region is ``Region/auto``.
  public init(credentials: Credentials, region: Region) {
    self.credentials = credentials
    self.region = region
  }

  /// The fields to send with `request` in place of its own: `x-amz-content-sha256`, `x-amz-date`,
  /// `authorization` and, with temporary credentials, `x-amz-security-token` are added. To send it
  /// once more, sign `request` again, not these fields.
  ///
  /// Signed are `host`, `content-type`, `range` and `x-amz-*`; proxies may change the others on
  /// their way. Values are returned as they are signed: trimmed, with runs of spaces collapsed.
  ///
  /// - Throws: ``R2SignError`` when a store would refuse the request, or it cannot be sent safely.
  public func headers(
    signing request: SigningRequest, at timestamp: Timestamp
  ) throws(R2SignError) -> [HeaderField] {
    try request.verify()
    let time = timestamp.basicFormat
    var fields =
      request.headers + [
        HeaderField(name: "x-amz-content-sha256", value: request.payloadHash.text),
        HeaderField(name: "x-amz-date", value: time),
      ]
    if let token = credentials.sessionToken {
      fields.append(HeaderField(name: "x-amz-security-token", value: token.text))
    }
    let sent = canonicalHeaders(fields)
    let signed = sent.filter { isSigned($0.name) }
    let scope = CredentialScope(timestamp, region: region)
    let authorization =
      "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID.text)/\(scope.text), "
      + "SignedHeaders=\(signedHeaderNames(signed)), "
      + "Signature=\(signature(of: request.canonicalRequest(of: signed), at: time, scope))"
    return sent + [HeaderField(name: "authorization", value: authorization)]
  }

  /// The request target (path and query) that lets anyone who has it make `request` until `expiry`
  /// after `timestamp`. Prefix it with `https://` and the host.
  ///
  /// All headers of `request` are signed, so whoever uses the URL has to send them as they are:
  /// `host` alone is what a browser sends by itself. The payload hash is `UNSIGNED-PAYLOAD`
  /// whatever `request` says.
  ///
  /// - Parameters:
  ///   - request: what may be made; its headers have `host` at least.
  ///   - timestamp: from when on.
  ///   - expiry: from 1 second to 7 days, in whole seconds: what stores take.
  /// - Throws: ``R2SignError`` when a store would refuse the request, or it cannot be sent safely.
  public func presignedTarget(
    for request: SigningRequest, at timestamp: Timestamp, expiry: Duration
  ) throws(R2SignError) -> String {
    guard (.seconds(1) ... .seconds(604_800)).contains(expiry), expiry.components.attoseconds == 0
    else { throw .invalidExpiry }
    try request.verify()
    let time = timestamp.basicFormat
    let scope = CredentialScope(timestamp, region: region)
    var signed = request
    signed.payloadHash = .unsigned
    signed.headers = canonicalHeaders(request.headers)
    signed.query += [
      QueryItem(name: "X-Amz-Algorithm", value: "AWS4-HMAC-SHA256"),
      QueryItem(
        name: "X-Amz-Credential", value: "\(credentials.accessKeyID.text)/\(scope.text)"),
      QueryItem(name: "X-Amz-Date", value: time),
      QueryItem(name: "X-Amz-Expires", value: String(expiry.components.seconds)),
      QueryItem(name: "X-Amz-SignedHeaders", value: signedHeaderNames(signed.headers)),
    ]
    if let token = credentials.sessionToken {
      signed.query.append(QueryItem(name: "X-Amz-Security-Token", value: token.text))
    }
    let signature = signature(of: signed.canonicalRequest(of: signed.headers), at: time, scope)
    return "\(signed.target)&X-Amz-Signature=\(signature)"
  }

  private func signature(
    of canonicalRequest: [UInt8], at time: String, _ scope: CredentialScope
  ) -> String {
    signingKey(for: scope).signature(of: stringToSign(of: canonicalRequest.span, at: time, scope))
  }

  private func signingKey(for scope: CredentialScope) -> SigningKey {
    dayKey.withLock { dayKey in
      if let key = dayKey, key.scope == scope { return key }
      let key = SigningKey(credentials.secretAccessKey, scope: scope)
      dayKey = key
      return key
    }
  }

  private func isSigned(_ name: String) -> Bool {
    ["host", "content-type", "range"].contains(name) || name.hasPrefix("x-amz-")
  }
}

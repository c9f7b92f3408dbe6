// What a request must be like for its signature to be worth anything.

internal import HTTPSyntax

extension SigningRequest {
  /// Throws for what a store would refuse, or what could mean another request on its way there.
  func verify() throws(R2SignError) {
    guard !method.isEmpty, method.utf8.allSatisfy({ $0.isTokenByte && !$0.isLowercaseLetter })
    else { throw .invalidMethod }
    guard path.utf8.first == UInt8(ascii: "/") else { throw .invalidPath }
    try verifyHeaders()
    for item in query where reservedQueryNames.contains(lowercased(item.name)) {
      throw .reservedQueryItem
    }
  }

  private func verifyHeaders() throws(R2SignError) {
    var hostCount = 0
    for field in headers {
      // Stores and proxies disagree on the bytes of anything but visible ASCII, and a line end
      // would let a value bring in a header of its own.
      let isName = !field.name.isEmpty && field.name.utf8.allSatisfy(\.isTokenByte)
      let isValue = field.value.utf8.allSatisfy { $0.isVisible || $0.isSpaceOrTab }
      guard isName && isValue else { throw .invalidHeader }
      let name = lowercased(field.name)
      if reservedHeaderNames.contains(name) { throw .reservedHeader }
      if name == "host" {
        if field.value.utf8.allSatisfy(\.isSpaceOrTab) { throw .invalidHost }
        hostCount += 1
      }
    }
    if hostCount != 1 { throw .invalidHost }
  }
}

/// What `Signer.headers` adds.
private let reservedHeaderNames: Set = [
  "authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token",
]

/// What presigning adds, and the payload hash, which stores also read there. They make a store look
/// for the signature in the query, so a request that is signed by headers may not have them either.
private let reservedQueryNames: Set = [
  "x-amz-algorithm", "x-amz-content-sha256", "x-amz-credential", "x-amz-date", "x-amz-expires",
  "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders",
]

// What OpenSSL says went wrong, as values.

internal import COpenSSL
package import SystemPackage

/// Why an operation of this module failed.
package enum OpenSSLError: Error, Equatable, Sendable {
  /// OpenSSL's own error.
  case library(LibraryCode)
  /// The peer's certificate does not prove that it is the host we asked for.
  case certificateRefused(VerificationCode)
  /// The operating system's error on the connection.
  case system(Errno)
  /// The peer closed the connection without `close_notify`, so that what came before may be cut
  /// short, or sent it before the handshake was done.
  case closedUnexpectedly
  /// The deadline passed.
  case timedOut
  /// The file with additional authorities cannot be read, or holds no certificate.
  case authorityFileUnusable(LibraryCode)
  /// Neither the system's default places nor an additional file gave a single authority, so that no
  /// certificate could ever be accepted.
  case noAuthorities
}

/// OpenSSL's packed error code: library and reason.
package struct LibraryCode: RawRepresentable, Equatable, Sendable {
  package let rawValue: UInt

  package init(rawValue: UInt) { self.rawValue = rawValue }

  /// The newest code in this thread's error queue.
  static func last() -> LibraryCode { LibraryCode(rawValue: UInt(ERR_peek_last_error())) }

  /// The oldest code in this thread's error queue: the cause, where the last one is a consequence.
  static func first() -> LibraryCode { LibraryCode(rawValue: UInt(ERR_peek_error())) }

  /// `ERR_GET_REASON`, a macro up to OpenSSL 1.1.
  var reason: CInt { ERR_GET_REASON(rawValue) }
}

/// Why a certificate was refused: an `X509_V_ERR_` number.
package struct VerificationCode: RawRepresentable, Equatable, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let expired = VerificationCode(rawValue: Int(X509_V_ERR_CERT_HAS_EXPIRED))
  package static let notYetValid = VerificationCode(rawValue: Int(X509_V_ERR_CERT_NOT_YET_VALID))
  package static let hostNameMismatch = VerificationCode(
    rawValue: Int(X509_V_ERR_HOSTNAME_MISMATCH))
  package static let addressMismatch = VerificationCode(
    rawValue: Int(X509_V_ERR_IP_ADDRESS_MISMATCH))
  package static let selfSigned = VerificationCode(
    rawValue: Int(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT))
  package static let selfSignedInChain = VerificationCode(
    rawValue: Int(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN))
  package static let unverifiableLeaf = VerificationCode(
    rawValue: Int(X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE))
  package static let unknownAuthority = VerificationCode(
    rawValue: Int(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY))
}

extension OpenSSLError: CustomStringConvertible {
  /// Plain words with the code. Safe to log: OpenSSL's reasons are constant texts.
  package var description: String {
    switch self {
    case .library(let code): "TLS failed: \(code)"
    case .certificateRefused(let code): "certificate refused: \(code)"
    case .system(let error): "connection failed: \(error.description)"
    case .closedUnexpectedly: "the peer ended the connection early"
    case .timedOut: "timed out"
    case .authorityFileUnusable(let code): "the file with additional CAs is unusable: \(code)"
    case .noAuthorities: "there is no CA certificate on this system, and no file adds one"
    }
  }
}

extension LibraryCode: CustomStringConvertible {
  package var description: String {
    // The text is constant memory of OpenSSL's; a code it does not know has none.
    guard let reason = unsafe ERR_reason_error_string(rawValue) else { return "code \(rawValue)" }
    return unsafe "\(String(cString: reason)) (code \(rawValue))"
  }
}

extension VerificationCode: CustomStringConvertible {
  package var description: String {
    guard let text = unsafe X509_verify_cert_error_string(rawValue) else {
      return "code \(rawValue)"
    }
    // In either case a wrong clock is likelier than a wrong certificate.
    let hint = self == .expired || self == .notYetValid ? ", by this machine's clock" : ""
    return unsafe "\(String(cString: text))\(hint) (code \(rawValue))"
  }
}

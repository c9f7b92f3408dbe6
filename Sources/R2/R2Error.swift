// Why the store did not do what it was asked.

internal import Glibc
package import OpenSSL
package import POSIX
package import R2Sign
package import SystemPackage

package enum R2Error: Error, Equatable, Sendable {
  /// No connection came about.
  case unreachable(ConnectError)
  /// The TLS handshake failed; a refused certificate says why.
  case tls(OpenSSLError)
  /// The connection was lost before the first byte of an answer.
  case connectionLost(OpenSSLError)
  /// The store answered, and not with success.
  case refused(Refusal)
  /// The answer is no HTTP, is cut short, or claims success for a body it has not read.
  case garbled(ResponseError)
  /// The connection was lost inside the answer.
  case answerLost(OpenSSLError)
  /// The store says that it stored the object before it had all of it.
  case answeredEarly
  /// The deadline passed after the connection was made.
  case timedOut
  /// The file to upload cannot be read.
  case file(Errno)
  /// The file to upload has fewer bytes than it was said to have.
  case fileTooShort
  /// The request cannot be signed.
  case unsignable(R2SignError)
}

/// An answer other than success.
package struct Refusal: Equatable, Sendable {
  package let status: Int
  /// S3's error code, such as `NoSuchKey`; nil where the answer has none.
  package let code: String?
  /// How far the store's clock is ahead of ours, by its Date field.
  package let clockSkewSeconds: Int?

  package init(status: Int, code: String?, clockSkewSeconds: Int?) {
    self.status = status
    self.code = code
    self.clockSkewSeconds = clockSkewSeconds
  }
}

extension R2Error {
  /// Whether the same request, made again, may well succeed. All our requests are idempotent.
  package var isRepeatable: Bool {
    switch self {
    case .connectionLost(let error): error != .timedOut
    case .tls(.system), .tls(.closedUnexpectedly): true
    case .unreachable(.refused), .unreachable(.unresolved(code: EAI_AGAIN)): true
    case .refused(let refusal):
      // 501 says that the store does not know how, which will not change.
      refusal.status == 408 || refusal.status == 429
        || (refusal.status >= 500 && refusal.status != 501)
    case .unreachable, .tls, .garbled, .answerLost, .answeredEarly, .timedOut, .file,
      .fileTooShort, .unsignable:
      false
    }
  }
}

extension R2Error: CustomStringConvertible {
  /// Plain words for a log line, without the endpoint, the bucket, a key or a secret.
  package var description: String {
    switch self {
    case .unreachable(let error): "object storage cannot be reached: \(error)"
    case .tls(let error): "object storage: \(error)"
    case .connectionLost(let error): "object storage did not answer: \(error)"
    case .refused(let refusal): "object storage refused: \(refusal)"
    case .garbled(let error): "object storage answered nonsense: \(error)"
    case .answerLost(let error): "object storage stopped inside its answer: \(error)"
    case .answeredEarly: "object storage claimed success before it had the whole body"
    case .timedOut: "object storage took too long"
    case .file(let error): "the file to upload cannot be read: \(error.description)"
    case .fileTooShort: "the file to upload is shorter than it was"
    case .unsignable(let error): "the request to object storage cannot be made: \(error)"
    }
  }
}

extension Refusal: CustomStringConvertible {
  package var description: String {
    var text = "\(status)"
    if let code { text += " \(code)" }
    if let meaning { text += " (\(meaning))" }
    if let skew = clockSkewSeconds, abs(skew) > 60 {
      text += ", its clock is \(abs(skew)) s \(skew > 0 ? "ahead of" : "behind") ours"
    }
    return text
  }

  /// The usual reasons, in the words of who has to mend them.
  private var meaning: String? {
    switch code {
    case "SignatureDoesNotMatch": "the secret access key is wrong"
    case "InvalidAccessKeyId": "the access key id is unknown"
    case "NoSuchBucket": "there is no such bucket"
    case "RequestTimeTooSkewed": "this machine's clock is wrong"
    case "AccessDenied", "Unauthorized": "these credentials may not do this"
    default: nil
    }
  }
}

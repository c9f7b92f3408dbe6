// A refusal together with what caused it.

internal import Gateway
internal import HTTPClient
internal import Postgres
internal import R2

/// Why a request failed: what the client is told, and what the log says.
struct RequestFailure: Error {
  let refusal: Refusal
  /// Safe to log: no key, secret, parameter or user's text. Nil where the refusal says it all.
  var cause: String?
  /// The status that storage answered with, if it did.
  var storageStatus: Int?

  init(_ refusal: Refusal, cause: String? = nil) {
    self.refusal = refusal
    self.cause = cause
  }

  init(_ error: PostgresError) {
    let refusal: Refusal =
      switch error {
      case .poolExhausted: .overloaded
      case _ where error.isShortage: .overloaded
      case _ where error.isUnavailable: .databaseUnavailable
      default: .internalError
      }
    self.init(refusal, cause: error.description)
  }

  /// - Parameter function: an owner's in our schema, which the statement calls: the log has to say
  ///   whether it is to blame. Of a statement that was given up that is not known.
  init(_ error: PostgresError, calling function: String?) {
    self.init(error)
    guard let function else { return }
    if error == .timedOut {
      cause = "\(error), perhaps because of sessions_fcgi.\(function)"
    } else if error.isIn(function) {
      cause = "\(error), in sessions_fcgi.\(function)"
    }
  }

  init(_ error: R2Error) {
    let refusal: Refusal =
      switch error {
      // Our own file, or a request that we should not have made.
      case .http(.file(_)), .http(.fileTooShort), .unsignable: .internalError
      case .http(let error) where error.isShortage: .overloaded
      default: .storageUnavailable
      }
    self.init(refusal, cause: error.description)
    if case .refused(let refusal) = error { storageStatus = refusal.status }
  }

  init(_ error: ExchangeError) {
    switch error {
    case .bodyTruncated: self.init(.truncatedBody)
    case .timedOut: self.init(.requestTimeout)
    case .connectionLost: self.init(.truncatedBody, cause: "the web server has gone")
    }
  }
}

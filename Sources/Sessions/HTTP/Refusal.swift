// Every answer that is not a success: its status, its code for programs, its text for people.

package import Gateway

/// Why a request was not served. Each case has one status and one stable code; the texts name
/// what is wrong and never a key, a secret, SQL, a path, the bucket or another user's data.
package enum Refusal: Error, Equatable, Sendable {
  case unauthorized
  case crossSite
  case missingAudio
  case invalidDuration
  case fileTooLarge
  case emptyFile
  case notAudio
  case invalidField(Field)
  case invalidIdempotencyKey
  case idempotencyInProgress(retryAfterSeconds: Int)
  case idempotencyMismatch
  case rateLimited(retryAfterSeconds: Int)
  case unsupportedMediaType
  case invalidMultipart(String)
  case truncatedBody
  case invalidPagination
  case userNotFound
  case sessionNotFound
  /// The recording has `byteCount` bytes, if that is known.
  case rangeNotSatisfiable(byteCount: Int?)
  case notFound
  case methodNotAllowed(allow: String)
  case requestTimeout
  case overloaded
  case storageUnavailable
  case databaseUnavailable
  case insufficientStorage
  case internalError

  package enum Field: String, Sendable { case topic, language }
}

extension Refusal {
  /// The HTTP status.
  package var status: Int {
    switch self {
    case .missingAudio, .invalidDuration, .emptyFile, .notAudio, .invalidField,
      .invalidIdempotencyKey, .invalidMultipart,
      .truncatedBody, .invalidPagination:
      400
    case .unauthorized: 401
    case .crossSite: 403
    case .userNotFound, .sessionNotFound, .notFound: 404
    case .methodNotAllowed: 405
    case .requestTimeout: 408
    case .idempotencyInProgress: 409
    case .fileTooLarge: 413
    case .unsupportedMediaType: 415
    case .rangeNotSatisfiable: 416
    case .idempotencyMismatch: 422
    case .rateLimited: 429
    case .internalError: 500
    case .overloaded, .storageUnavailable, .databaseUnavailable: 503
    case .insufficientStorage: 507
    }
  }

  /// The code for programs.
  package var code: String {
    switch self {
    case .unauthorized: "UNAUTHORIZED"
    case .crossSite: "CSRF_REJECTED"
    case .missingAudio: "MISSING_AUDIO"
    case .invalidDuration: "INVALID_DURATION"
    case .fileTooLarge, .emptyFile, .notAudio: "INVALID_FILE"
    case .invalidField, .invalidIdempotencyKey: "INVALID_FIELD"
    case .idempotencyInProgress: "IDEMPOTENCY_IN_PROGRESS"
    case .idempotencyMismatch: "IDEMPOTENCY_MISMATCH"
    case .rateLimited: "RATE_LIMITED"
    case .unsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE"
    case .invalidMultipart, .truncatedBody: "INVALID_MULTIPART"
    case .invalidPagination: "INVALID_PAGINATION"
    case .userNotFound: "USER_NOT_FOUND"
    case .sessionNotFound: "SESSION_NOT_FOUND"
    case .rangeNotSatisfiable: "RANGE_NOT_SATISFIABLE"
    case .notFound: "NOT_FOUND"
    case .methodNotAllowed: "METHOD_NOT_ALLOWED"
    case .requestTimeout: "REQUEST_TIMEOUT"
    case .overloaded: "OVERLOADED"
    case .storageUnavailable: "STORAGE_UNAVAILABLE"
    case .databaseUnavailable: "DATABASE_UNAVAILABLE"
    case .insufficientStorage: "INSUFFICIENT_STORAGE"
    case .internalError: "INTERNAL_ERROR"
    }
  }

  /// The text for people.
  package var message: String {
    switch self {
    case .unauthorized: "Sign in to use this service"
    case .crossSite: "This request came from another site"
    case .missingAudio: "Audio file is required"
    case .invalidDuration: "Valid duration is required: seconds from 0 to 86400"
    case .fileTooLarge: "File size exceeds the limit of 50 MiB (52,428,800 bytes)"
    case .emptyFile: "The audio file is empty"
    case .notAudio: "File must be an audio file"
    case .invalidField(.topic): "The topic must be text of at most 500 characters on one line"
    case .invalidField(.language): "The language must be a tag such as en or pt-BR"
    case .invalidIdempotencyKey: "The Idempotency-Key must be 1 to 255 visible ASCII characters"
    case .idempotencyInProgress: "The first upload with this Idempotency-Key is still running"
    case .idempotencyMismatch: "This Idempotency-Key was used for another upload"
    case .rateLimited: "Too many uploads; try again later"
    case .unsupportedMediaType: "Send the recording as multipart/form-data"
    case .invalidMultipart(let reason): "The form data is malformed: \(reason)"
    case .truncatedBody: "The upload ended early"
    case .invalidPagination:
      "Page and limit must be whole numbers from 1, limit at most 100, and cursor one of ours"
    case .userNotFound: "User not found"
    case .sessionNotFound: "Session not found"
    case .rangeNotSatisfiable: "The recording is shorter than that"
    case .notFound: "There is nothing at this address"
    case .methodNotAllowed(let allow): "Only \(allow) can be used here"
    case .requestTimeout: "The upload took too long"
    case .overloaded: "Too many requests at the moment; try again soon"
    case .storageUnavailable: "The recording storage is not available; try again soon"
    case .databaseUnavailable: "The database is not available; try again soon"
    case .insufficientStorage: "The server has no room for the upload at the moment"
    case .internalError: "Something went wrong on our side"
    }
  }

  /// Seconds after which trying again makes sense.
  private var retryAfterSeconds: Int? {
    switch self {
    case .rateLimited(let seconds), .idempotencyInProgress(let seconds): seconds
    case .overloaded: 1
    case .storageUnavailable, .databaseUnavailable: 5
    case .insufficientStorage: 30
    default: nil
    }
  }

  /// The whole answer.
  package var response: Response {
    struct Body: Encodable {
      let code: String
      let error: String
    }
    var response = Response(status: status, json: Body(code: code, error: message))
    if case .methodNotAllowed(let allow) = self { response.headers.append(("Allow", allow)) }
    if case .rangeNotSatisfiable(let byteCount?) = self {
      response.headers.append(("Content-Range", "bytes */\(byteCount)"))
    }
    if let retryAfterSeconds {
      response.headers.append(("Retry-After", String(retryAfterSeconds)))
    }
    return response
  }
}

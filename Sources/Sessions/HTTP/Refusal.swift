// Every response that is not a success: its status, its code for programs, its text for people.

package import Gateway
internal import HTTPSyntax

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
  /// By the owner's own rule, in the words that it has for the client.
  case uploadRefused(String)
  case unsupportedMediaType
  case unsupportedContentEncoding
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

  package enum Field: String, Sendable { case topic, language, search, status }
}

extension Refusal {
  /// What a client is told.
  struct Terms {
    /// The HTTP status.
    let status: Int
    /// The code for programs, which is stable.
    let code: String
    /// The text for people.
    let message: String
    /// Seconds after which trying again makes sense.
    let retryAfterSeconds: Int?

    init(_ status: Int, _ code: String, _ message: String, retryAfterSeconds: Int? = nil) {
      self.status = status
      self.code = code
      self.message = message
      self.retryAfterSeconds = retryAfterSeconds
    }
  }

  /// What a client is told in each case.
  var terms: Terms {
    switch self {
    case .unauthorized:
      Terms(401, "UNAUTHORIZED", "Sign in to use this service")
    case .crossSite:
      Terms(403, "CSRF_REJECTED", "This request came from another site")
    case .missingAudio:
      Terms(400, "MISSING_AUDIO", "Audio file is required")
    case .invalidDuration:
      Terms(400, "INVALID_DURATION", "Valid duration is required: seconds from 0 to 86400")
    case .fileTooLarge:
      Terms(413, "INVALID_FILE", "File size exceeds the limit of 50 MiB (52,428,800 bytes)")
    case .emptyFile:
      Terms(400, "INVALID_FILE", "The audio file is empty")
    case .notAudio:
      Terms(400, "INVALID_FILE", "File must be an audio file")
    case .invalidField(.topic):
      Terms(400, "INVALID_FIELD", "The topic must be text of at most 500 characters on one line")
    case .invalidField(.language):
      Terms(400, "INVALID_FIELD", "The language must be a tag such as en or pt-BR")
    case .invalidField(.search):
      Terms(400, "INVALID_FIELD", "The search (q) must be text of 1 to 100 characters on one line")
    case .invalidField(.status):
      Terms(400, "INVALID_FIELD", "The status must be text on one line")
    case .invalidIdempotencyKey:
      Terms(400, "INVALID_FIELD", "The Idempotency-Key must be 1 to 255 visible ASCII characters")
    case .idempotencyInProgress(let seconds):
      Terms(
        409, "IDEMPOTENCY_IN_PROGRESS",
        "The first upload with this Idempotency-Key is still running", retryAfterSeconds: seconds)
    case .idempotencyMismatch:
      Terms(422, "IDEMPOTENCY_MISMATCH", "This Idempotency-Key was used for another upload")
    case .rateLimited(let seconds):
      Terms(429, "RATE_LIMITED", "Too many uploads; try again later", retryAfterSeconds: seconds)
    case .uploadRefused(let words):
      Terms(403, "UPLOAD_REFUSED", words)
    case .unsupportedMediaType:
      Terms(415, "UNSUPPORTED_MEDIA_TYPE", "Send the recording as multipart/form-data")
    case .unsupportedContentEncoding:
      Terms(
        415, "UNSUPPORTED_MEDIA_TYPE", "Send the form as it is: a Content-Encoding is not taken")
    case .invalidMultipart(let reason):
      Terms(400, "INVALID_MULTIPART", "The form data is malformed: \(reason)")
    case .truncatedBody:
      Terms(400, "INVALID_MULTIPART", "The upload ended early")
    case .invalidPagination:
      Terms(
        400, "INVALID_PAGINATION",
        "Page and limit must be whole numbers from 1, limit at most 100, and cursor one of ours")
    case .userNotFound:
      Terms(404, "USER_NOT_FOUND", "User not found")
    case .sessionNotFound:
      Terms(404, "SESSION_NOT_FOUND", "Session not found")
    case .rangeNotSatisfiable:
      Terms(416, "RANGE_NOT_SATISFIABLE", "The recording is shorter than that")
    case .notFound:
      Terms(404, "NOT_FOUND", "There is nothing at this address")
    case .methodNotAllowed(let allow):
      Terms(405, "METHOD_NOT_ALLOWED", "Only \(allow) can be used here")
    case .requestTimeout:
      Terms(408, "REQUEST_TIMEOUT", "The upload took too long")
    case .overloaded:
      Terms(
        503, "OVERLOADED", "Too many requests at the moment; try again soon", retryAfterSeconds: 1)
    case .storageUnavailable:
      Terms(
        503, "STORAGE_UNAVAILABLE", "The recording storage is not available; try again soon",
        retryAfterSeconds: 5)
    case .databaseUnavailable:
      Terms(
        503, "DATABASE_UNAVAILABLE", "The database is not available; try again soon",
        retryAfterSeconds: 5)
    case .insufficientStorage:
      Terms(
        507, "INSUFFICIENT_STORAGE", "The server has no room for the upload at the moment",
        retryAfterSeconds: 30)
    case .internalError:
      Terms(500, "INTERNAL_ERROR", "Something went wrong on our side")
    }
  }

  package var status: Int { terms.status }
  package var code: String { terms.code }
  package var message: String { terms.message }

  /// The whole response.
  package var response: Response {
    let terms = terms
    var response = Response(
      status: terms.status, json: ["error": .string(terms.message), "code": .string(terms.code)])
    if case .methodNotAllowed(let allow) = self { response.headers.append(("Allow", allow)) }
    if case .rangeNotSatisfiable(let byteCount?) = self {
      response.headers.append(("Content-Range", "bytes */\(byteCount)"))
    }
    if let retryAfterSeconds = terms.retryAfterSeconds {
      response.headers.append(("Retry-After", String(retryAfterSeconds)))
    }
    return response
  }
}

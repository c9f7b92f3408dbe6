// The client of an S3-compatible store: PUT, GET, HEAD, DELETE of objects.

package import HTTPClient
internal import HTTPSyntax
package import OpenSSL
package import POSIX
package import R2Sign
internal import Synchronization

/// What a request came to.
package struct R2Outcome: Sendable, Equatable {
  /// Status and fields of the response.
  package let head: ResponseHead
  /// How often the request was made: 1, or more after failures that may be repeated.
  package let attempts: Int
}

/// What a client has done since it was made.
package struct R2Counters: Sendable, Equatable {
  /// Requests begun, each repetition counted, and those that got no connection.
  package let attempts: Int
  /// Those of them that were repetitions.
  package let retries: Int
  package let connections: ConnectionCounts
}

/// A part of an object (RFC 9110 14.1.2), in bytes from 0.
package enum ByteRange: Sendable, Equatable {
  case from(Int)
  case closed(Int, Int)
  /// The last so many bytes.
  case suffix(Int)

  var field: String {
    switch self {
    case .from(let first): "bytes=\(first)-"
    case .closed(let first, let last): "bytes=\(first)-\(last)"
    case .suffix(let count): "bytes=-\(count)"
    }
  }
}

/// Speaks with one bucket. Any number of threads may use one client; each call blocks its thread,
/// never past its deadline.
///
/// Requests are repeated inside the deadline where that may help (`R2Error.isRetryable`). Memory
/// per call is one buffer of at most 64 KiB, whatever the object's size.
package final class R2Client: Sendable {
  let configuration: R2Configuration
  private let signer: Signer
  private let origin: Origin
  private let attempts = Atomic(0)
  private let retries = Atomic(0)

  /// - Parameter tls: by which the store's certificate is verified; to be shared by all clients of
  ///   a process.
  package init(_ configuration: R2Configuration, tls: TLSContext) {
    self.configuration = configuration
    signer = Signer(credentials: configuration.credentials, region: configuration.region)
    origin = Origin(configuration.endpoint, tls: tls, limits: configuration.connections)
  }

  /// Stores the first `byteCount` bytes of `file` under `key`. The file is read by `pread`, anew
  /// for each attempt. Stored means 200 with an ETag, and no error in the body, after all was sent.
  ///
  /// - Parameter sha256: of those bytes; the store refuses any others.
  package func put(
    file: borrowing OwnedDescriptor, byteCount: Int, sha256: SHA256Digest, key: ObjectKey,
    contentType: String, deadline: Deadline
  ) throws(R2Error) -> R2Outcome {
    let request = objectRequest(
      "PUT", key, [HeaderField(name: "content-type", value: contentType)],
      PayloadHash(sha256: sha256.bytes))
    var retry = makeRetry(until: deadline)
    while true {
      do throws(R2Error) {
        // The signature has the time in it, so every attempt is signed anew.
        let head = try signedHead(request, contentLength: byteCount)
        var exchange = try lease(request, retry, bufferBytes: 64 * 1024, until: deadline)
        try exchange.send(head, file: file, byteCount: byteCount)
        let outcome = try finish(exchange, retry)
        guard outcome.head.status == 200, outcome.head.etag != nil else {
          throw .unconfirmed(status: outcome.head.status)
        }
        return outcome
      } catch {
        try retry.pause(after: error)
      }
    }
  }

  /// Reads an object or a part of it.
  ///
  /// - Parameters:
  ///   - deadline: by when the response's head has to be there.
  ///   - bodyLimits: for what follows it.
  /// - Returns: a reader whose head is that of a success: 206, or 200 where the whole object comes,
  ///   which stores may do in spite of a range.
  package func get(
    _ key: ObjectKey, range: ByteRange? = nil, deadline: Deadline, bodyLimits: BodyLimits
  ) throws(R2Error) -> ObjectReader {
    let fields = range.map { [HeaderField(name: "range", value: $0.field)] } ?? []
    var reader = try open(objectRequest("GET", key, fields), deadline: deadline)
    reader.limitBody(to: bodyLimits)
    return reader
  }

  /// What `get` would say of the object before its bytes.
  package func head(_ key: ObjectKey, deadline: Deadline) throws(R2Error) -> R2Outcome {
    try perform(objectRequest("HEAD", key), deadline: deadline)
  }

  /// Removes an object. That it was not there is a success too.
  package func delete(_ key: ObjectKey, deadline: Deadline) throws(R2Error) -> R2Outcome {
    try perform(objectRequest("DELETE", key), deadline: deadline)
  }

  /// A URL with which anyone may GET or HEAD the object until `expiry` (1 second to 7 days)
  /// from now.
  package func presignedURL(
    _ method: PresignedMethod, _ key: ObjectKey, expiry: Duration
  ) throws(R2SignError) -> String {
    let target = try signer.presignedTarget(
      for: objectRequest(method.rawValue, key), at: configuration.now(),
      expiry: expiry)
    return "https://\(configuration.endpoint.hostField)\(target)"
  }

  package enum PresignedMethod: String, Sendable {
    case get = "GET"
    case head = "HEAD"
  }

  package var counters: R2Counters {
    R2Counters(
      attempts: attempts.load(ordering: .relaxed), retries: retries.load(ordering: .relaxed),
      connections: origin.counts)
  }

  /// Bytes of objects that were sent and received since this was made, by all threads: whether the
  /// store gets on with anything.
  package var movedBytes: Int { origin.movedBytes }

  /// Closes connections that have idled for longer than the limit; also done by every request.
  package func closeIdleConnections() { origin.closeIdleConnections() }

  // MARK: - Requests

  private var bucketPath: String {
    "\(configuration.endpoint.basePath)/\(configuration.bucket.text)"
  }

  private func objectRequest(
    _ method: String, _ key: ObjectKey, _ fields: [HeaderField] = [],
    _ payloadHash: PayloadHash = .empty
  ) -> SigningRequest {
    request(method, path: "\(bucketPath)/\(key.text)", fields: fields, payloadHash: payloadHash)
  }

  func bucketRequest(_ method: String, query: [QueryItem] = []) -> SigningRequest {
    request(method, path: bucketPath, query: query)
  }

  private func request(
    _ method: String, path: String, query: [QueryItem] = [], fields: [HeaderField] = [],
    payloadHash: PayloadHash = .empty
  ) -> SigningRequest {
    let host = HeaderField(name: "host", value: configuration.endpoint.hostField)
    return SigningRequest(
      method: method, path: path, query: query, headers: [host] + fields, payloadHash: payloadHash)
  }

  // MARK: - Exchanges

  /// Makes a request without a body, whose response's body is of no interest.
  func perform(_ request: SigningRequest, deadline: Deadline) throws(R2Error) -> R2Outcome {
    var retry = makeRetry(until: deadline)
    while true {
      do throws(R2Error) {
        return try finish(try begin(request, retry, until: deadline), retry, request.method)
      } catch {
        try retry.pause(after: error)
      }
    }
  }

  /// Makes a request without a body, up to the head of its response. What fails later is for good:
  /// somebody may have begun to use what came.
  func open(_ request: SigningRequest, deadline: Deadline) throws(R2Error) -> ObjectReader {
    var retry = makeRetry(until: deadline)
    while true {
      do throws(R2Error) {
        let exchange = try begin(request, retry, until: deadline)
        return try ObjectReader(receivingFrom: exchange, attempts: retry.attempt)
      } catch {
        try retry.pause(after: error)
      }
    }
  }

  private func makeRetry(until deadline: Deadline) -> Retry {
    Retry(
      upTo: configuration.maxAttempts, backoff: Backoff(base: configuration.backoffBase),
      rateLimitBackoff: Backoff(base: configuration.rateLimitBackoffBase), until: deadline)
  }

  private func begin(
    _ request: SigningRequest, _ retry: Retry, until deadline: Deadline
  ) throws(R2Error) -> R2Exchange {
    let head = try signedHead(request, contentLength: nil)
    var exchange = try lease(request, retry, bufferBytes: 16 * 1024, until: deadline)
    try exchange.send(head)
    return exchange
  }

  /// Only first attempts take a kept connection.
  private func lease(
    _ request: SigningRequest, _ retry: Retry, bufferBytes: Int, until deadline: Deadline
  ) throws(R2Error) -> R2Exchange {
    attempts.wrappingAdd(1, ordering: .relaxed)
    if retry.attempt > 1 { retries.wrappingAdd(1, ordering: .relaxed) }
    do {
      let exchange = try origin.lease(
        reusing: retry.attempt == 1, isHead: request.method == "HEAD", bufferBytes: bufferBytes,
        until: deadline)
      return R2Exchange(exchange, now: configuration.now)
    } catch {
      throw .http(error)
    }
  }

  private func finish(
    _ exchange: consuming R2Exchange, _ retry: Retry, _ method: String = "PUT"
  ) throws(R2Error) -> R2Outcome {
    let reader = try ObjectReader(
      receivingFrom: exchange, attempts: retry.attempt, missingIsSuccess: method == "DELETE")
    let outcome = R2Outcome(head: reader.head, attempts: reader.attempts)
    try reader.finish()
    return outcome
  }

  /// The head for the very path, query and fields that are signed.
  ///
  /// - Parameter contentLength: nil where the request has no body.
  private func signedHead(
    _ request: SigningRequest, contentLength: Int?
  ) throws(R2Error) -> [UInt8] {
    let fields: [HeaderField]
    do throws(R2SignError) {
      fields = try signer.headers(signing: request, at: configuration.now())
    } catch {
      throw .unsignable(error)
    }
    var head = RequestHead(request.method, request.target)
    for field in fields { head.add(field.name, field.value) }
    if let contentLength { head.add("content-length", String(contentLength)) }
    head.end()
    return head.bytes
  }
}

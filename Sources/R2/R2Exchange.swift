// One request to the store and its response, with what went wrong told as S3 tells it.

internal import HTTPClient
internal import POSIX
internal import R2Sign

enum R2Head {
  case success(ResponseHead)
  /// There is nothing left to delete. What there was to read of the body has been read.
  case missing(ResponseHead)
  case refusal(R2Refusal)
}

/// A leased connection to the store. See `HTTPExchange`.
struct R2Exchange: ~Copyable {
  private var exchange: HTTPExchange
  private let now: @Sendable () -> Timestamp

  init(_ exchange: consuming HTTPExchange, now: @escaping @Sendable () -> Timestamp) {
    self.exchange = exchange
    self.now = now
  }

  /// Sends a request without a body.
  mutating func send(_ head: [UInt8]) throws(R2Error) {
    do { try exchange.send(head) } catch { throw .http(error) }
  }

  /// Sends a request whose body is `byteCount` bytes of `file` from its start.
  mutating func send(
    _ head: [UInt8], file: borrowing OwnedDescriptor, byteCount: Int
  ) throws(R2Error) {
    do { try exchange.send(head, file: file, byteCount: byteCount) } catch { throw .http(error) }
  }

  /// The response's head: of a success, whose body is still to come, or of a refusal, of whose body
  /// only the code is kept.
  ///
  /// - Parameter missingIsSuccess: 404 means that there is nothing left to delete, unless it is
  ///   the bucket that is missing.
  mutating func receiveHead(missingIsSuccess: Bool) throws(R2Error) -> R2Head {
    let head: ResponseHead
    do { head = try exchange.receiveHead() } catch { throw .http(error) }
    if (200..<300).contains(head.status) { return .success(head) }
    let code = receiveErrorCode()
    if missingIsSuccess, head.status == 404, code != "NoSuchBucket" { return .missing(head) }
    return .refusal(refusal(head, code: code))
  }

  private func refusal(_ head: ResponseHead, code: String?) -> R2Refusal {
    R2Refusal(
      status: head.status, code: code,
      clockSkewSeconds: clockSkewSeconds(of: head.date, against: now()),
      retryAfterSeconds: head.retryAfterSeconds)
  }

  /// Reads the body of a success of which nothing is wanted.
  ///
  /// - Throws: `.refused` if it is an error all the same, and `.unconfirmed` if it is longer than
  ///   any that would be read for one.
  mutating func receiveNothing(after head: ResponseHead) throws(R2Error) {
    var body = ErrorBody()
    while try receiveBody() {
      guard exchange.withBody({ body.append($0) }) else { throw .unconfirmed(status: head.status) }
    }
    if body.isError { throw .refused(refusal(head, code: body.code)) }
  }

  private mutating func receiveErrorCode() -> String? {
    var body = ErrorBody()
    do throws(HTTPError) {
      while try exchange.receiveBody(), exchange.withBody({ body.append($0) }) {}
    } catch {
      // The status says more than how the connection ended after it; it is not kept.
    }
    return body.code
  }

  /// Gives the rest of the response times of its own.
  mutating func limitBody(to limits: BodyLimits) {
    exchange.limitBody(to: limits)
  }

  /// Waits for the next piece of the body, which `withBody` then lends; false at its end.
  mutating func receiveBody(
    unless isAbandoned: () -> Bool = { false }
  ) throws(R2Error) -> Bool {
    do { return try exchange.receiveBody(unless: isAbandoned) } catch { throw .http(error) }
  }

  /// Lends the piece of the body that came last.
  func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try exchange.withBody(body)
  }

  /// Ends the lease: the connection is kept if it can be.
  consuming func end() { exchange.end() }
}

// What the store answered: success with a body to pass on, or a refusal with a code.

internal import HTTPClient
internal import POSIX
internal import R2Sign

/// An answer, read.
enum R2Answer {
  case success(ResponseHead, isComplete: Bool)
  case refusal(R2Refusal)
}

extension HTTPExchange {
  /// Reads the whole answer. Bodies of successes go to `onBody`, of refusals only the code is kept.
  ///
  /// - Parameters:
  ///   - missingIsSuccess: 404 means that there is nothing left to delete, unless it is the bucket
  ///     that is missing.
  ///   - bodyLimits: what a success's body may take, where that is not the deadline for its head.
  mutating func receiveAnswer(
    missingIsSuccess: Bool = false, bodyLimits: BodyLimits? = nil, at now: () -> Timestamp,
    onHead: (ResponseHead) -> Continuation = { _ in .proceed },
    onBody: (Span<UInt8>) -> Continuation = { _ in .proceed }
  ) throws(HTTPError) -> R2Answer {
    let head = try receiveHead()
    if (200..<300).contains(head.status) {
      guard onHead(head) == .proceed else { return .success(head, isComplete: false) }
      if let bodyLimits {
        limitBody(until: .after(bodyLimits.whole), idleTimeout: bodyLimits.idleTimeout)
      }
      return .success(head, isComplete: try receiveBody(onBody))
    }
    var body = ErrorBody()
    do throws(HTTPError) {
      _ = try receiveBody { body.append($0) ? .proceed : .stop }
    } catch {
      // The status says more than how the connection ended after it; it is not kept.
    }
    let code = body.code
    if missingIsSuccess && head.status == 404 && code != "NoSuchBucket" {
      return .success(head, isComplete: true)
    }
    let skew = clockSkewSeconds(of: head.date, against: now())
    return .refusal(R2Refusal(status: head.status, code: code, clockSkewSeconds: skew))
  }
}

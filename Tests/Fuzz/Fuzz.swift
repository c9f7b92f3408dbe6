// The program that scripts/fuzz runs: libFuzzer around one of the targets.

internal import Glibc

/// What may be fuzzed, by name. A target stops the process when an invariant does not hold; it
/// refuses nothing, since any input is fair.
private let targets: [String: @Sendable (Span<UInt8>) -> Void] = [
  "multipart": fuzzMultipart,
  "headers": fuzzHeaders,
  "response": fuzzResponse,
  "listing": fuzzListing,
  "query": fuzzQuery,
  "fields": fuzzFields,
  "database-url": fuzzDatabaseURL,
  "tokens": fuzzTokens,
]

/// The one chosen by FUZZ_TARGET: all arguments are libFuzzer's.
private let target: @Sendable (Span<UInt8>) -> Void = {
  let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
  guard let target = targets[name] else {
    fatalError("FUZZ_TARGET is none of \(targets.keys.sorted().joined(separator: ", "))")
  }
  return target
}()

/// What libFuzzer calls with each input.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  unsafe target(UnsafeBufferPointer(start: data, count: size).span)
  return 0
}

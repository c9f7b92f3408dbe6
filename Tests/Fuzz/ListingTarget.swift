// A bucket's listing.

@testable internal import R2

private let prefix = "sessions/"
private let maxObjects = 4

/// The outcome is the same however the listing is cut, and what is taken is what was asked for.
@Sendable func fuzzListing(_ input: Span<UInt8>) {
  let outcomes = cuttings(of: input).map { read(input, cut: $0) }
  expectEqual(outcomes, "the outcome depends on the cuts")
  guard case .page(let objects, let continuation) = outcomes[0] else { return }
  expect(objects.count <= maxObjects && continuation != "")
  // Byte by byte: to `hasPrefix` a slash with an accent on it is no slash.
  expect(objects.allSatisfy { $0.key.utf8.starts(with: prefix.utf8) }, "a foreign key passes")
}

private enum Outcome: Equatable {
  case page([Object], continuation: String?)
  case refused(ListingError)

  struct Object: Equatable {
    let key: String
    let lastModifiedSeconds: Int
    let byteCount: Int
  }
}

private func read(_ input: Span<UInt8>, cut pieces: [Range<Int>]) -> Outcome {
  var parser = ListingParser(prefix: prefix, maxObjects: maxObjects)
  do throws(ListingError) {
    for piece in pieces { try parser.append(input.extracting(piece)) }
    let page = try parser.finish()
    let objects = page.objects.map {
      Outcome.Object(
        key: $0.key.text, lastModifiedSeconds: $0.lastModifiedSeconds, byteCount: $0.byteCount)
    }
    return .page(objects, continuation: page.continuation)
  } catch {
    return .refused(error)
  }
}

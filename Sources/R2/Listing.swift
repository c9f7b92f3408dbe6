// Which objects a bucket has.

package import HTTPClient
package import POSIX
internal import R2Sign

extension R2Client {
  /// Lists the objects whose keys begin with `prefix`, page by page, in the store's order.
  ///
  /// A page is handed over once it is whole and believed, so a repeated request repeats nothing.
  /// Memory is one page, at most a few MiB with the default size.
  ///
  /// - Parameters:
  ///   - continuation: that of an earlier page, to go on after it.
  ///   - pageSize: 1 to 1000, the most that stores give.
  ///   - deadline: for all pages.
  ///   - onPage: stops the listing by its result.
  package func list(
    prefix: String, after continuation: String? = nil, pageSize: Int = 1000, deadline: Deadline,
    onPage: (ListedPage) -> Continuation
  ) throws(R2Error) {
    var continuation = continuation
    repeat {
      let page = try listPage(prefix, continuation, pageSize, deadline)
      if page.continuation != nil && page.continuation == continuation {
        throw .badListing(.noProgress)
      }
      continuation = page.continuation
      guard onPage(page) == .proceed else { return }
    } while continuation != nil
  }

  /// ListObjectsV2. Keys are asked for percent-encoded: XML cannot hold all that they may have.
  private func listPage(
    _ prefix: String, _ continuation: String?, _ pageSize: Int, _ deadline: Deadline
  ) throws(R2Error) -> ListedPage {
    precondition((1...1000).contains(pageSize), "a page of 1 to 1000 objects")
    var query = [
      QueryItem(name: "encoding-type", value: "url"), QueryItem(name: "list-type", value: "2"),
      QueryItem(name: "max-keys", value: String(pageSize)),
      QueryItem(name: "prefix", value: prefix),
    ]
    if let continuation {
      query.append(QueryItem(name: "continuation-token", value: continuation))
    }
    var parser = ListingParser(prefix: prefix, maxObjects: pageSize)
    var failure: ListingError?
    // Only requests that got no answer, or a refusal, are repeated: the parser sees one body.
    let onBody = { (piece: Span<UInt8>) -> Continuation in
      do throws(ListingError) {
        try parser.append(piece)
        return .proceed
      } catch {
        failure = error
        return .stop
      }
    }
    _ = try perform(bucketRequest("GET", query: query), deadline: deadline, onBody: onBody)
    if let failure { throw .badListing(failure) }
    do throws(ListingError) {
      return try parser.finish()
    } catch {
      throw .badListing(error)
    }
  }
}

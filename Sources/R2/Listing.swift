// Which objects a bucket has.

internal import HTTPClient
package import POSIX
internal import R2Sign

/// The objects whose keys begin with a prefix, page by page, in the store's order.
///
/// A page is handed over once it is whole and believed, so a repeated request repeats nothing.
/// Memory is one page, at most a few MiB with the default size.
package struct Listing {
  private let client: R2Client
  private let prefix: String
  private let pageSize: Int
  private let deadline: Deadline
  private var continuation: String?
  private var isAtEnd = false

  fileprivate init(
    _ client: R2Client, _ prefix: String, _ continuation: String?, _ pageSize: Int,
    _ deadline: Deadline
  ) {
    precondition((1...1000).contains(pageSize), "a page of 1 to 1000 objects")
    self.client = client
    self.prefix = prefix
    self.continuation = continuation
    self.pageSize = pageSize
    self.deadline = deadline
  }

  /// The next page; nil after the last.
  package mutating func nextPage() throws(R2Error) -> ListedPage? {
    if isAtEnd { return nil }
    let page = try requestPage()
    if page.continuation != nil && page.continuation == continuation {
      throw .badListing(.noProgress)
    }
    continuation = page.continuation
    isAtEnd = continuation == nil
    return page
  }

  /// ListObjectsV2. Keys are asked for percent-encoded: XML cannot hold all that they may have.
  private func requestPage() throws(R2Error) -> ListedPage {
    var query = [
      QueryItem(name: "encoding-type", value: "url"), QueryItem(name: "list-type", value: "2"),
      QueryItem(name: "max-keys", value: String(pageSize)),
      QueryItem(name: "prefix", value: prefix),
    ]
    if let continuation {
      query.append(QueryItem(name: "continuation-token", value: continuation))
    }
    var parser = ListingParser(prefix: prefix, maxObjects: pageSize)
    var reader = try client.open(client.bucketRequest("GET", query: query), deadline: deadline)
    while try reader.receiveBody() {
      do throws(ListingError) {
        try reader.withBody { (bytes) throws(ListingError) in try parser.append(bytes) }
      } catch {
        throw .badListing(error)
      }
    }
    reader.end()
    do throws(ListingError) {
      return try parser.finish()
    } catch {
      throw .badListing(error)
    }
  }
}

extension R2Client {
  /// Lists the objects whose keys begin with `prefix`.
  ///
  /// - Parameters:
  ///   - continuation: that of an earlier page, to go on after it.
  ///   - pageSize: 1 to 1000, the most that stores give.
  ///   - deadline: for all pages.
  package func list(
    prefix: String, after continuation: String? = nil, pageSize: Int = 1000, deadline: Deadline
  ) -> Listing {
    Listing(self, prefix, continuation, pageSize, deadline)
  }
}

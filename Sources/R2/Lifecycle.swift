// Whether the bucket deletes objects by itself.

internal import HTTPClient
package import POSIX
internal import R2Sign

extension R2Client {
  /// Whether a lifecycle rule of the bucket deletes objects. False also where the store does not
  /// say: to ask for the rules takes rights that nothing else here needs.
  package func deletesByItself(deadline: Deadline) -> Bool {
    let query = [QueryItem(name: "lifecycle", value: "")]
    do throws(R2Error) {
      var reader = try open(bucketRequest("GET", query: query), deadline: deadline)
      var rules = LifecycleParser()
      while try reader.receiveBody() {
        do throws(ListingError) {
          try reader.withBody { (piece) throws(ListingError) in try rules.append(piece) }
        } catch {
          return false
        }
      }
      reader.end()
      return rules.deletesObjects
    } catch {
      return false
    }
  }
}

/// Looks for a rule that is enabled and has an `Expiration`, in the response to
/// GetBucketLifecycleConfiguration.
struct LifecycleParser: Sendable {
  private(set) var deletesObjects = false
  private var reader = XMLReader()
  private var isEnabled = false
  private var expires = false

  mutating func append(_ bytes: Span<UInt8>) throws(ListingError) {
    for index in bytes.indices {
      guard case .end(let name, let text)? = try reader.next(bytes[index]) else { continue }
      switch (reader.path.count, name) {
      case (2, "Status"): isEnabled = text == Array("Enabled".utf8)
      case (2, "Expiration"): expires = true
      case (1, "Rule"):
        if isEnabled && expires { deletesObjects = true }
        isEnabled = false
        expires = false
      default: break
      }
    }
  }
}

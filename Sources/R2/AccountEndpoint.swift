// Where R2 is.

package import HTTPClient
internal import HTTPSyntax

/// Where R2 keeps buckets that have to stay in one place. Such a bucket can be had at the address
/// of its jurisdiction alone, and no other bucket can be had there.
package enum Jurisdiction: String, CaseIterable, Sendable {
  case eu, us, fedramp
}

extension Endpoint {
  private static let r2 = ".r2.cloudflarestorage.com"

  /// Cloudflare's own address of an account.
  ///
  /// Nil unless `accountID` is a host name's label: letters, digits and `-`.
  package init?(accountID: String, jurisdiction: Jurisdiction? = nil) {
    guard (1...63).contains(accountID.utf8.count), accountID.utf8.allSatisfy(\.isLabelByte) else {
      return nil
    }
    let place = jurisdiction.map { ".\($0.rawValue)" } ?? ""
    self.init("https://\(accountID)\(place)\(Endpoint.r2)")
  }

  /// What stands before R2's own name, such as an account and a jurisdiction; nil at other hosts.
  package var r2Labels: [Substring]? {
    let name = host.lowercased()
    guard name.hasSuffix(Endpoint.r2) else { return nil }
    let labels = name.dropLast(Endpoint.r2.count)
    return labels.split(separator: ".", omittingEmptySubsequences: false)
  }
}

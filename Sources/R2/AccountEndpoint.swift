// Where R2 is.

package import HTTPClient
internal import HTTPSyntax

extension Endpoint {
  /// Cloudflare's own address of an account.
  ///
  /// Nil unless `accountID` is a host name's label: letters, digits and `-`.
  package init?(accountID: String) {
    guard (1...63).contains(accountID.utf8.count), accountID.utf8.allSatisfy(\.isLabelByte) else {
      return nil
    }
    self.init("https://\(accountID).r2.cloudflarestorage.com")
  }
}

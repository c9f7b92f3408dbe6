// What a publisher has to know.

package import HTTPClient
internal import HTTPSyntax
internal import OpenSSL

/// Where QStash is, who we are there, and whom it is to call.
package struct QStashConfiguration: Sendable {
  /// The service's own address.
  package static let defaultURL = "https://qstash.upstash.io"

  package let endpoint: Endpoint
  package let token: QStashToken
  package let destination: ProcessingURL

  package init(endpoint: Endpoint, token: QStashToken, destination: ProcessingURL) {
    self.endpoint = endpoint
    self.token = token
    self.destination = destination
  }
}

/// The token that lets us publish. Its copy here is overwritten when the last owner lets it go, and
/// no way of printing it shows it.
package struct QStashToken: Sendable {
  let bytes: SecretBytes

  /// Nil unless `text` is 1 to 4096 visible ASCII characters; a line end, such as that of the file
  /// it came from, would bring in a header of its own.
  package init?(_ text: String) {
    guard (1...4096).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else { return nil }
    var copy = Array(text.utf8)
    defer { wipe(&copy) }
    bytes = SecretBytes(copying: copy.span)
  }
}

extension QStashToken: CustomStringConvertible, CustomReflectable {
  package var description: String { "<redacted>" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The app's URL that processes a recording: `<APP_URL>/api/internal/process`.
package struct ProcessingURL: Sendable, Equatable {
  package let text: String

  /// - Parameter appURL: `http://` or `https://`, a host, perhaps a port and a path. Nil for
  ///   anything else: a query or a fragment would swallow what is appended.
  package init?(appURL: String) {
    var base = Substring(appURL)
    while base.last == "/" { base.removeLast() }
    guard let separator = base.firstRange(of: "://"),
      ["http", "https"].contains(base[..<separator.lowerBound].lowercased()),
      Endpoint("https://\(base[separator.upperBound...])") != nil
    else { return nil }
    text = "\(base)/api/internal/process"
  }
}

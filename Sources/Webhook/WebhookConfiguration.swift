// What a sender has to know.

package import HTTPClient
internal import HTTPSyntax
internal import OpenSSL

/// Whom to tell, and what to sign with.
package struct WebhookConfiguration: Sendable {
  package let receiver: WebhookReceiver
  package let secrets: WebhookSecrets

  package init(receiver: WebhookReceiver, secrets: WebhookSecrets) {
    self.receiver = receiver
    self.secrets = secrets
  }
}

/// The app's URL that hears of recordings.
package struct WebhookReceiver: Sendable, Equatable {
  package let endpoint: Endpoint
  /// Path and query, as they were written: a path with `/` at its end may be another.
  let target: String
  package let isPlain: Bool

  package enum Mistake: Error, Equatable, CustomStringConvertible {
    case malformed
    case plainElsewhere

    package var description: String {
      switch self {
      case .malformed: "must be https://<host>[:<port>][/<path>][?<query>]"
      case .plainElsewhere:
        "must begin with https://, or be http:// to this machine (127.0.0.1, [::1] or localhost)"
      }
    }
  }

  /// Without TLS whoever is on the way could read and delay what is told, so only this machine is
  /// spoken to so.
  package init(_ url: String) throws(Mistake) {
    guard let separator = url.firstRange(of: "://") else { throw .malformed }
    let scheme = url[..<separator.lowerBound].lowercased()
    let rest = url[separator.upperBound...]
    let authority = rest.prefix { !"/?#".contains($0) }
    let target = rest[authority.endIndex...]
    guard ["http", "https"].contains(scheme), !target.utf8.contains(UInt8(ascii: "#")),
      target.utf8.allSatisfy(\.isVisible)
    else { throw .malformed }
    isPlain = scheme == "http"
    let hasPort = authority.last != "]" && authority.contains(":")
    guard let endpoint = Endpoint("https://\(authority)\(isPlain && !hasPort ? ":80" : "")") else {
      throw .malformed
    }
    if isPlain && !endpoint.isThisMachine { throw .plainElsewhere }
    self.endpoint = endpoint
    self.target = target.first == "/" ? String(target) : "/\(target)"
  }
}

extension Endpoint {
  /// Whether it is an address of the loopback network, or the one name that everywhere leads there.
  fileprivate var isThisMachine: Bool {
    if host == "::1" || host.lowercased() == "localhost" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map {
      DecimalDigits.parse(Array($0.utf8)[...])
    }
    return parts.count == 4 && parts.first == 127
      && parts.allSatisfy { $0.map { (0...255).contains($0) } ?? false }
  }
}

/// What messages are signed with. Copies here are overwritten when the last owner lets them go.
package struct WebhookSecrets: Sendable {
  let secrets: [SecretBytes]

  /// Two while the secret is changed, so that the receiver may know either.
  private static let maxCount = 2
  /// What Standard Webhooks ask of a secret.
  private static let byteCounts = 24...64

  /// One or two, separated by blanks, line ends or commas: each 24 to 64 bytes in base64, perhaps
  /// after `whsec_`. Nil for anything else.
  package init?(_ text: String) {
    let words = text.split { $0 == "," || $0.isWhitespace }
    guard (1...WebhookSecrets.maxCount).contains(words.count) else { return nil }
    var secrets: [SecretBytes] = []
    for word in words {
      let digits = word.hasPrefix("whsec_") ? word.dropFirst(6) : word
      guard var bytes = base64Decoded(Array(digits.utf8).span) else { return nil }
      defer { wipe(&bytes) }
      guard WebhookSecrets.byteCounts.contains(bytes.count) else { return nil }
      secrets.append(SecretBytes(copying: bytes.span))
    }
    self.secrets = secrets
  }
}

extension WebhookSecrets: CustomStringConvertible, CustomReflectable {
  package var description: String { "<redacted>" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

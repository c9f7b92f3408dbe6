// Auth.js's cookies, and the keys that open them.

internal import HTTPSyntax
package import OpenSSL

/// A cookie that holds a session of Auth.js 5 or NextAuth.js 4.
package struct SessionCookie: Sendable {
  let name: [UInt8]
  /// Whether it counts over HTTPS, too: browsers take one with a prefix from HTTPS alone
  /// (RFC 6265bis, section 4.1.3), or the owner has chosen it.
  let isTrusted: Bool
  let keys: [ContentKey]

  /// Those that Auth.js uses by itself. The newest secret comes first.
  package static func standard(secrets: [SecretBytes]) -> [SessionCookie] {
    ["authjs.session-token", "next-auth.session-token"].flatMap { name in
      ["__Host-", "__Secure-", ""].map { prefix in
        let full = prefix + name
        let derive = name.hasPrefix("authjs") ? keysOfVersion5 : keysOfVersion4
        return SessionCookie(
          name: Array(full.utf8), isTrusted: !prefix.isEmpty,
          keys: secrets.flatMap { derive($0, full) })
      }
    }
  }

  /// The one that the site has named, of either version; nil unless the name is a token (RFC 6265,
  /// section 4.1.1).
  package static func named(_ name: String, secrets: [SecretBytes]) -> SessionCookie? {
    guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenByte) else { return nil }
    return SessionCookie(
      name: Array(name.utf8), isTrusted: true,
      keys: secrets.flatMap { keysOfVersion5($0, name) + keysOfVersion4($0, name) })
  }

  /// `getDerivedEncryptionKey` of `@auth/core`, whose salt is the cookie's name.
  private static func keysOfVersion5(_ secret: SecretBytes, _ name: String) -> [ContentKey] {
    [.a256CBCHS512, .a256GCM].map { encryption in
      derive(
        encryption, from: secret, salt: name, info: "Auth.js Generated Encryption Key (\(name))")
    }
  }

  /// The same of NextAuth.js 4, which has no salt for sessions.
  private static func keysOfVersion4(_ secret: SecretBytes, _ name: String) -> [ContentKey] {
    [derive(.a256GCM, from: secret, salt: "", info: "NextAuth.js Generated Encryption Key")]
  }

  private static func derive(
    _ encryption: ContentEncryption, from secret: SecretBytes, salt: String, info: String
  ) -> ContentKey {
    let (salt, info) = (Array(salt.utf8), Array(info.utf8))
    var key = [UInt8](repeating: 0, count: encryption.keyByteCount)
    secret.withBytes { secret in
      var span = key.mutableSpan
      hkdfSHA256(secret: secret, salt: salt.span, info: info.span, into: &span)
    }
    defer { wipe(&key) }
    return ContentKey(encryption: encryption, bytes: SecretBytes(copying: key.span))
  }
}

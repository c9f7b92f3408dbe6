// What the linked libpq supports.

internal import CPostgres
internal import Glibc

/// What differs between versions of libpq and between systems, so that reading a URL is a
/// function of its arguments alone.
package struct ClientLibrary: Sendable {
  /// The connection keywords it knows.
  package let keywords: Set<String>
  /// What `sslrootcert` is to be for the certificates the system trusts.
  package let systemCertificates: String

  package init(keywords: Set<String>, systemCertificates: String) {
    self.keywords = keywords
    self.systemCertificates = systemCertificates
  }

  /// The libpq this program runs with. The corresponding C function is `PQconndefaults`.
  package static func linked() -> ClientLibrary {
    var keywords: Set<String> = []
    let options = unsafe PQconndefaults()
    defer { unsafe PQconninfoFree(options) }
    var option = unsafe options
    while let name = unsafe option?.pointee.keyword {
      unsafe keywords.insert(String(cString: name))
      unsafe option = option?.successor()
    }
    // Before version 16 "system" would be taken for a file's name.
    let bundle = PQlibVersion() >= 16_00_00 ? "system" : certificateBundle()
    return ClientLibrary(keywords: keywords, systemCertificates: bundle)
  }

  /// The certificate bundle of Debian, else of Fedora, else of Alpine.
  private static func certificateBundle() -> String {
    let debian = "/etc/ssl/certs/ca-certificates.crt"
    let others = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
    return ([debian] + others).first { unsafe access($0, R_OK) == 0 } ?? debian
  }
}

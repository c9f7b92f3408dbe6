// TLS connections of another library.

internal import COpenSSL

/// Whether bytes are decrypted already that nobody has read yet, by which a connection can be read
/// although nothing comes on its socket. The corresponding C function is `SSL_pending`.
///
/// - Parameter connection: another library's `SSL *`, made by the OpenSSL that we are linked with.
package func hasPendingBytes(_ connection: UnsafeRawPointer) -> Bool {
  unsafe SSL_pending(OpaquePointer(connection)) > 0
}
